import type { UsageObservation, UsagePoint, WindowRun } from './observation.ts'

/** Reset times of one window differ by a little between sources and answers. */
const SAME_RESET_MS = 5 * 60_000
/** A more direct source that spoke within this time silences the others. */
const DIRECT_MS = 15 * 60_000
/** A fall by more than this is a reset that the provider made, whatever it says of the next one. */
const FALL_PCT = 3

type Known = UsageObservation & { readonly used_pct: number }

const isKnown = (seen: UsageObservation): seen is Known => seen.used_pct !== null && Number.isFinite(seen.used_pct)

const oldestFirst = (a: UsageObservation, b: UsageObservation): number =>
  a.observed_at.getTime() - b.observed_at.getTime() || a.source_rank - b.source_rank

/** Whether two reset times, one of which may be unknown, are of one window. */
export const sameReset = (a: number | null, b: number | null): boolean =>
  a === null || b === null || Math.abs(a - b) <= SAME_RESET_MS

/** Observations that no more direct source overrules: an indirect one counts only where the direct ones were silent. */
export function directOnes(seen: readonly UsageObservation[]): readonly Known[] {
  const sorted = seen.filter(isKnown).toSorted(oldestFirst)
  const best = Math.min(...sorted.map(({ source_rank }) => source_rank))
  const direct = sorted.filter(({ source_rank }) => source_rank === best)
  let next = 0
  return sorted.filter((one) => {
    if (one.source_rank === best) return true
    const ms = one.observed_at.getTime()
    while (next < direct.length - 1 && (direct[next + 1]?.observed_at.getTime() ?? ms) <= ms) next += 1
    return direct
      .slice(Math.max(0, next - 1), next + 2)
      .every((other) => Math.abs(other.observed_at.getTime() - ms) > DIRECT_MS)
  })
}

/** Looks that must agree that usage fell before it counts as a reset that no reset time told. */
const AGREEING = 3

const staysBelow = (seen: readonly Known[], at: number, pct: number): boolean => {
  const next = seen.slice(at, at + AGREEING)
  return next.length === AGREEING && next.every(({ used_pct }) => used_pct < pct)
}

/** The last look was above what stood before it and what came after it: nobody else saw that. */
const wasOdd = (points: readonly UsagePoint[], now: number): boolean => {
  const before = points.at(-2)
  return before !== undefined && now >= before.pct
}

interface Draft {
  resetsMs: number | null
  points: UsagePoint[]
}

/**
 * The observations of one series (account, limit, window) cut at resets, oldest run first. Within a run usage only grows: a
 * lower value with the same reset time is a source that lags and is left out, unless it is the start of a window that the
 * provider reset early.
 */
export function windowRuns(seen: readonly UsageObservation[]): readonly WindowRun[] {
  const runs: Draft[] = []
  const direct = directOnes(seen)
  for (const [at, one] of direct.entries()) {
    const [ms, resetsMs] = [one.observed_at.getTime(), one.resets_at?.getTime() ?? null]
    const run = runs.at(-1)
    const last = run?.points.at(-1)
    const point = { ms, pct: one.used_pct }
    const moved = run !== undefined && !sameReset(run.resetsMs, resetsMs)
    const passed = run?.resetsMs != null && ms > run.resetsMs
    const fell = last !== undefined && one.used_pct < last.pct - FALL_PCT
    const stays = fell && staysBelow(direct, at, last.pct - FALL_PCT)
    if (stays && !moved && !passed && wasOdd(run?.points ?? [], point.pct)) {
      run?.points.splice(-1, 1, point)
      continue
    }
    if (run === undefined || last === undefined || passed || stays || (moved && one.used_pct < last.pct)) {
      runs.push({ resetsMs, points: [point] })
      continue
    }
    run.resetsMs = resetsMs ?? run.resetsMs
    if (point.pct >= last.pct && ms > last.ms) run.points.push(point)
  }
  return runs
}
