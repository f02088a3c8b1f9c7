export { claudeCachedUsage, claudeQuotaLimit, claudeRateLimitEvent, claudeStatusLine } from './claude.ts'
export { codexRateLimits } from './codex.ts'
export { parseInstant } from './instant.ts'
export {
  type AccountContext,
  type AccountObservation,
  type ObservedSource,
  SOURCE_RANK,
} from './observation.ts'
