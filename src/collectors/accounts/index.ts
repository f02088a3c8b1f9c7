export { claudeCachedUsage, claudeQuotaLimit, claudeRateLimitEvent, claudeStatusLine } from './claude.ts'
export { codexRateLimits } from './codex.ts'
export { identitiesOf, identityBatches, type KnownIdentity, profileAccountKey, providerOf } from './identity.ts'
export { parseInstant } from './instant.ts'
export {
  type AccountContext,
  type AccountObservation,
  accountKey,
  type ObservedSource,
  observation,
  SOURCE_RANK,
} from './observation.ts'
