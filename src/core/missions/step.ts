import type { Refusal } from '../action.ts'
import { type Claim, type Failure, isEnded, type Mission, type MissionUsage } from './mission.ts'

/** A mission one step further, or why it may not take that step. */
export type Step = Mission | Refusal

export const isRefused = (step: Step): step is Refusal => 'fix' in step

const refusal = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

/** Whoever reports says who they are; the claim id is the proof where names are shared. */
export interface Reporter {
  readonly by: string | null
  readonly claimId: string | null
}

/** How an attempt ended and what it cost. Null: not reported. */
export interface Report extends Reporter {
  readonly usage: MissionUsage
}

const RETRY_FIRST_MS = 5_000
const RETRY_MOST_MS = 300_000

/** Pause before the next attempt: 5 s, doubled each time, at most 5 min. */
export const retryPauseMs = (attempts: number): number =>
  Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(20, Math.max(0, attempts - 1)))

/** The moment at which the claim of a mission lapses: no heartbeat, or the attempt took too long. */
export const lapsesAtMs = ({ claim, timeoutMs }: Pick<Mission, 'claim' | 'timeoutMs'>): number =>
  claim === null
    ? Number.POSITIVE_INFINITY
    : Math.min(claim.leaseUntilMs, timeoutMs === null ? Number.POSITIVE_INFINITY : claim.atMs + timeoutMs)

export const hasLapsed = (mission: Mission, nowMs: number): boolean =>
  mission.status === 'claimed' && lapsesAtMs(mission) <= nowMs

/** The mission in the hands of a claimant. The caller has made sure that it is pending, ready and suits. */
export const claimed = (mission: Mission, claimId: string, by: string, nowMs: number): Mission => ({
  ...mission,
  status: 'claimed',
  attempts: mission.attempts + 1,
  notBeforeMs: null,
  claim: { claimId, by, atMs: nowMs, leaseUntilMs: nowMs + mission.leaseMs, heartbeatAtMs: nowMs },
})

const heldBy = (mission: Mission, { by, claimId }: Reporter, nowMs: number): Claim | Refusal => {
  const { claim, missionId } = mission
  if (mission.status !== 'claimed' || claim === null)
    return refusal(
      'not_claimed',
      `${missionId} is ${mission.status}, nobody works on it`,
      `vc mission show ${missionId}`,
    )
  if ((claimId !== null && claimId !== claim.claimId) || (by !== null && by !== claim.by) || (by ?? claimId) === null)
    return refusal(
      'not_yours',
      `${missionId} is held by ${claim.by}, by another claim than yours`,
      'stop working on it; claim another one: vc mission claim',
    )
  if (lapsesAtMs(mission) <= nowMs)
    return refusal('lease_lapsed', `your claim on ${missionId} has lapsed`, 'claim it again: vc mission claim')
  return claim
}

const isClaim = (held: Claim | Refusal): held is Claim => 'claimId' in held

/** Still at work: the lease begins anew, never beyond the time an attempt may take. */
export const heartbeat = (mission: Mission, reporter: Reporter, nowMs: number): Step => {
  const held = heldBy(mission, reporter, nowMs)
  if (!isClaim(held)) return held
  const leaseUntilMs = Math.max(held.leaseUntilMs, nowMs + mission.leaseMs)
  return { ...mission, claim: { ...held, leaseUntilMs, heartbeatAtMs: nowMs } }
}

const plus = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0)

const withUsage = (mission: Mission, usage: MissionUsage, claim: Claim, nowMs: number) => ({
  usage: {
    inputTokens: plus(mission.usage.inputTokens, usage.inputTokens),
    outputTokens: plus(mission.usage.outputTokens, usage.outputTokens),
    costMicrousd: plus(mission.usage.costMicrousd, usage.costMicrousd),
  },
  workMs: (mission.workMs ?? 0) + Math.max(0, nowMs - claim.atMs),
})

export const completed = (mission: Mission, report: Report, nowMs: number): Step => {
  const held = heldBy(mission, report, nowMs)
  if (!isClaim(held)) return held
  const spent = withUsage(mission, report.usage, held, nowMs)
  return { ...mission, ...spent, status: 'done', failure: null, finishedAtMs: nowMs, finishedBy: held.by }
}

const NO_USAGE: MissionUsage = { inputTokens: null, outputTokens: null, costMicrousd: null }

/** Back to the queue while the budget lasts, else failed for good. */
const afterFailure = (mission: Mission, failure: Failure, again: boolean, by: string, nowMs: number): Mission =>
  again && mission.attempts < mission.attemptsAllowed
    ? { ...mission, status: 'pending', failure, notBeforeMs: nowMs + retryPauseMs(mission.attempts) }
    : { ...mission, status: 'failed', failure, notBeforeMs: null, finishedAtMs: nowMs, finishedBy: by }

/** `recoverable: false` spends the rest of the retry budget. */
export const failed = (
  mission: Mission,
  report: Report & { readonly failure: Failure; readonly recoverable: boolean },
  nowMs: number,
): Step => {
  const held = heldBy(mission, report, nowMs)
  if (!isClaim(held)) return held
  const spent = { ...mission, ...withUsage(mission, report.usage, held, nowMs) }
  return afterFailure(spent, report.failure, report.recoverable, held.by, nowMs)
}

/**
 * The attempt of somebody who fell silent or took too long is over, since the moment it lapsed and not since somebody noticed.
 * The caller has made sure that it lapsed.
 */
export const lapsed = (mission: Mission): Mission => {
  const { claim, timeoutMs } = mission
  if (claim === null) return mission
  const sinceMs = lapsesAtMs(mission)
  const tooLong = timeoutMs !== null && claim.atMs + timeoutMs <= claim.leaseUntilMs
  const failure = tooLong
    ? { code: 'timeout', message: `the attempt took longer than ${timeoutMs} ms` }
    : {
        code: 'lease_lapsed',
        message: `${claim.by} sent no heartbeat for ${claim.leaseUntilMs - claim.heartbeatAtMs} ms`,
      }
  const spent = { ...mission, ...withUsage(mission, NO_USAGE, claim, sinceMs) }
  return afterFailure(spent, failure, true, 'vc', sinceMs)
}

/** The same attempt in other hands; the claim of those before is void. The caller has made sure that it is claimed. */
export const handedOver = (mission: Mission, claimId: string, to: string, nowMs: number): Mission => {
  const { claim } = mission
  if (claim === null) return mission
  const leaseUntilMs = Math.max(claim.leaseUntilMs, nowMs + mission.leaseMs)
  return {
    ...mission,
    toAgent: mission.toAgent === null ? null : to,
    claim: { ...claim, claimId, by: to, leaseUntilMs, heartbeatAtMs: nowMs },
  }
}

/** Whoever works on it learns it at their next heartbeat: the claim is void. */
export const cancelled = (mission: Mission, by: string, reason: string | null, nowMs: number): Step =>
  isEnded(mission)
    ? refusal(
        'already_ended',
        `${mission.missionId} is ${mission.status} already`,
        `vc mission show ${mission.missionId}`,
      )
    : {
        ...mission,
        status: 'cancelled',
        notBeforeMs: null,
        failure: { code: 'cancelled', message: reason },
        finishedAtMs: nowMs,
        finishedBy: by,
      }

/** Once more, with a fresh retry budget, at once. */
export const retried = (mission: Mission): Step => {
  if (mission.status !== 'failed' && mission.status !== 'cancelled')
    return refusal(
      'not_failed',
      `${mission.missionId} is ${mission.status}; only failed and cancelled missions are retried`,
      `vc mission show ${mission.missionId}`,
    )
  return {
    ...mission,
    status: 'pending',
    attemptsAllowed: mission.attempts + 1 + mission.maxRetries,
    notBeforeMs: null,
    finishedAtMs: null,
    finishedBy: null,
  }
}
