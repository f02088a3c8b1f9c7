import { scanJob } from '../transcripts/scan.ts'
import { codexSource } from './source.ts'

export const run = scanJob(codexSource)
