import { scanJob } from '../transcripts/scan.ts'
import { claudeSource } from './source.ts'

export const run = scanJob(claudeSource)
