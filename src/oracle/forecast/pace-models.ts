import { type WorkCurve, workAt } from './work-curve.ts'

/** A way to say how many minutes some more work will take, knowing the curve up to `now`. Null: it cannot say. */
export interface PaceModel {
  readonly kind: 'pace' | 'trend' | 'growth' | 'busy' | 'cycle'
  /** How far back it looks. */
  readonly minutes: number
  /** Added to its past error: what is more pliable must be better by that much to be believed. */
  readonly handicap: number
  minutesFor(gain: number, curve: WorkCurve, now: number): number | null
}

const gained = (curve: WorkCurve, from: number, to: number): number => workAt(curve, to) - workAt(curve, from)

const began = (curve: WorkCurve): number => curve.minutes[0] ?? 0

const spanOf = (curve: WorkCurve, now: number, minutes: number): number | null => {
  const span = Math.min(minutes, now - began(curve))
  // a window that reaches beyond the history is the next shorter one again
  return span >= Math.min(5, minutes) && span > minutes * 0.6 ? span : null
}

/** The pace of the last minutes goes on. */
const constantPace = (minutes: number): PaceModel => ({
  kind: 'pace',
  minutes,
  handicap: 0,
  minutesFor(gain, curve, now) {
    const span = spanOf(curve, now, minutes)
    if (span === null) return null
    const work = gained(curve, now - span, now)
    return work > 0 ? (gain * span) / work : null
  },
})

/** The pace grows (or falls) as it did, by the same amount each minute. */
const linearTrend = (minutes: number): PaceModel => ({
  kind: 'trend',
  minutes,
  handicap: 0.02,
  minutesFor(gain, curve, now) {
    const span = spanOf(curve, now, minutes)
    if (span === null) return null
    const half = span / 2
    const [early, late] = [gained(curve, now - span, now - half) / half, gained(curve, now - half, now) / half]
    const slope = (late - early) / half
    const pace = late + (slope * half) / 2
    if (late <= 0 || pace <= 0) return null
    return linearTime(gain, pace, slope)
  },
})

// pace·t + slope·t²/2 = gain; a falling pace never falls below a third of what it is.
const linearTime = (gain: number, pace: number, slope: number): number => {
  if (Math.abs(slope) < 1e-9) return gain / pace
  if (slope > 0) return (-pace + Math.sqrt(pace * pace + 2 * slope * gain)) / slope
  const until = (-pace * 2) / (3 * slope)
  const done = pace * until + (slope * until * until) / 2
  return done >= gain ? (-pace + Math.sqrt(pace * pace + 2 * slope * gain)) / slope : until + ((gain - done) * 3) / pace
}

/** The pace grows as it did, by the same share each minute. */
const growth = (minutes: number): PaceModel => ({
  kind: 'growth',
  minutes,
  handicap: 0.02,
  minutesFor(gain, curve, now) {
    const span = spanOf(curve, now, minutes)
    if (span === null) return null
    const half = span / 2
    const [early, late] = [gained(curve, now - span, now - half) / half, gained(curve, now - half, now) / half]
    if (early <= 0 || late <= early) return null
    const share = Math.min(Math.log(late / early) / half, 0.1)
    const pace = late * Math.exp((share * half) / 2)
    return Math.log(1 + (share * gain) / pace) / share
  },
})

/** Minutes of one look at whether anything was done. */
const SLOT_MIN = 2
/** Quiet for at least this long is a pause; shorter lulls belong to the work. */
const PAUSE_MIN = 6
/** Less than this share of the mean pace is quiet. */
const QUIET_SHARE = 0.15

interface Stretch {
  readonly busy: boolean
  readonly minutes: number
  readonly work: number
}

/** Work and pauses of the last minutes, newest first. */
export function stretches(curve: WorkCurve, now: number, minutes: number): readonly Stretch[] {
  const from = Math.max(began(curve), now - minutes)
  const slots: number[] = []
  for (let at = now; at - SLOT_MIN >= from; at -= SLOT_MIN) slots.push(gained(curve, at - SLOT_MIN, at))
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

const total = (runs: readonly Stretch[], of: (run: Stretch) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0)

const busyPaceOf = (runs: readonly Stretch[]): number | null => {
  const busy = runs.filter((run) => run.busy)
  const minutes = total(busy, (run) => run.minutes)
  const work = total(busy, (run) => run.work)
  return minutes >= PAUSE_MIN && work > 0 ? work / minutes : null
}

/** The pace between pauses goes on, and no pause comes. */
const busyPace = (minutes: number): PaceModel => ({
  kind: 'busy',
  minutes,
  handicap: 0.02,
  minutesFor(gain, curve, now) {
    const span = spanOf(curve, now, minutes)
    const pace = span === null ? null : busyPaceOf(stretches(curve, now, span))
    return pace === null ? null : gain / pace
  },
})

/** Work and pauses alternate as they did: the next pause comes when a stretch has lasted as long as they usually do. */
const cycle = (minutes: number): PaceModel => ({
  kind: 'cycle',
  minutes,
  handicap: 0.03,
  minutesFor(gain, curve, now) {
    const span = spanOf(curve, now, minutes)
    if (span === null) return null
    const runs = stretches(curve, now, span)
    const pace = busyPaceOf(runs)
    // the oldest stretch was cut by the window, the newest is not over
    const [busy, pauses] = [true, false].map((kind) => runs.slice(1, -1).filter((run) => run.busy === kind))
    if (pace === null || !busy?.length || !pauses?.length) return null
    const [stretch, pause] = [
      total(busy, (run) => run.minutes) / busy.length,
      total(pauses, (run) => run.minutes) / pauses.length,
    ]
    const current = runs[0] as Stretch
    const needed = gain / pace
    const wait = current.busy ? 0 : Math.max(SLOT_MIN, pause - current.minutes)
    const left = current.busy ? Math.max(stretch * 0.25, stretch - current.minutes) : stretch
    const times = needed <= left ? 0 : 1 + Math.floor((needed - left) / stretch)
    return wait + needed + times * pause
  },
})

export const PACE_MODELS: readonly PaceModel[] = [
  ...[8, 12, 16, 22, 30, 40, 55, 75, 100, 140, 200, 280].map(constantPace),
  ...[20, 30, 45, 65, 90, 130, 180, 240].map(linearTrend),
  ...[30, 45, 65, 90, 130, 180, 240].map(growth),
  ...[45, 75, 120, 180, 260].map(busyPace),
  ...[120, 180, 260].map(cycle),
]
