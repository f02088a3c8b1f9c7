import { type WorkCurve, workAt } from './work-curve.ts'

/** Minutes of one look at whether anything was done. */
export const SLOT_MIN = 2
/** Quiet for at least this long is a pause; shorter lulls belong to the work. */
const PAUSE_MIN = 6
/** Less than this share of the mean pace is quiet. */
const QUIET_SHARE = 0.15

export interface Stretch {
  readonly busy: boolean
  readonly minutes: number
  readonly work: number
}

/** Of the curve that was asked about last alone: one forecast is made after the other, and of a weak map they would pile up. */
let told: { readonly curve: WorkCurve; readonly runs: Map<number, Map<number, readonly Stretch[]>> } | null = null

/** Work and pauses of the last minutes, newest first. Every model asks again about each moment of the past: it is told the same. */
export function stretches(curve: WorkCurve, now: number, minutes: number): readonly Stretch[] {
  if (told?.curve !== curve) told = { curve, runs: new Map() }
  const ofNow = told.runs.get(now) ?? new Map<number, readonly Stretch[]>()
  const found = ofNow.get(minutes) ?? stretchesOf(curve, now, minutes)
  told.runs.set(now, ofNow.set(minutes, found))
  return found
}

function stretchesOf(curve: WorkCurve, now: number, minutes: number): readonly Stretch[] {
  const from = Math.max(curve.minutes[0] ?? 0, now - minutes)
  const slots: number[] = []
  let done = workAt(curve, now)
  for (let at = now - SLOT_MIN; at >= from; at -= SLOT_MIN) {
    const before = workAt(curve, at)
    slots.push(done - before)
    done = before
  }
  const quietBelow = (slots.reduce((sum, work) => sum + work, 0) / Math.max(1, slots.length)) * QUIET_SHARE
  const runs: { busy: boolean; minutes: number; work: number }[] = []
  for (const work of slots) {
    const busy = work >= quietBelow
    const last = runs.at(-1)
    if (last?.busy === busy) {
      last.minutes += SLOT_MIN
      last.work += work
    } else runs.push({ busy, minutes: SLOT_MIN, work })
  }
  return joined(runs)
}

/** Short lulls join the work around them. */
function joined(runs: readonly Stretch[]): readonly Stretch[] {
  const out: { busy: boolean; minutes: number; work: number }[] = []
  for (const run of runs) {
    const busy = run.busy || run.minutes < PAUSE_MIN
    const last = out.at(-1)
    if (last?.busy === busy) {
      last.minutes += run.minutes
      last.work += run.work
    } else out.push({ ...run, busy })
  }
  return out
}

export const total = (runs: readonly Stretch[], of: (run: Stretch) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0)

/** Percent per minute between pauses; null when there was hardly any work. */
export const busyPaceOf = (runs: readonly Stretch[]): number | null => {
  const busy = runs.filter((run) => run.busy)
  const minutes = total(busy, (run) => run.minutes)
  const work = total(busy, (run) => run.work)
  return minutes >= PAUSE_MIN && work > 0 ? work / minutes : null
}
