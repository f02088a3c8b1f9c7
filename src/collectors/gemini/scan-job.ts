import { scanJob } from '../transcripts/scan.ts'
import { geminiSource } from './source.ts'

export const run = scanJob(geminiSource)
