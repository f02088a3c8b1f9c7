import { type WorkCurve, workAt } from './work-curve.ts'
import { busyPaceOf, SLOT_MIN, type Stretch, stretches, total } from './work-stretches.ts'

/** A way to say how many minutes some more work will take, knowing the curve up to `now`. Null: it cannot say. */
export interface PaceModel {
  readonly kind: 'pace' | 'trend' | 'growth' | 'busy' | 'cycle'
  /** How far back it looks. */
  readonly minutes: number
  /** Added to its past error: what is more pliable must be better by that much to be believed. */
  readonly handicap: number
  minutesFor(gain: number, curve: WorkCurve, now: number): number | null
}

interface Question {
  readonly gain: number
  readonly curve: WorkCurve
  readonly now: number
  /** Minutes of history that are looked at. */
  readonly span: number
}

const spanOf = (curve: WorkCurve, now: number, minutes: number): number | null => {
  const span = Math.min(minutes, now - (curve.minutes[0] ?? 0))
  // a window that reaches beyond the history is the next shorter one again
  return span >= Math.min(5, minutes) && span > minutes * 0.6 ? span : null
}

const modelOf =
  (kind: PaceModel['kind'], handicap: number, say: (question: Question) => number | null) =>
  (minutes: number): PaceModel => ({
    kind,
    minutes,
    handicap,
    minutesFor(gain, curve, now) {
      const span = spanOf(curve, now, minutes)
      return span === null ? null : say({ gain, curve, now, span })
    },
  })

const gained = (curve: WorkCurve, from: number, to: number): number => workAt(curve, to) - workAt(curve, from)

/** Pace of the earlier and the later half, in percent per minute. */
const halves = ({
  curve,
  now,
  span,
}: Question): { readonly half: number; readonly early: number; readonly late: number } => {
  const half = span / 2
  return { half, early: gained(curve, now - span, now - half) / half, late: gained(curve, now - half, now) / half }
}

/** The pace of the last minutes goes on. */
const constantPace = modelOf('pace', 0, ({ gain, curve, now, span }) => {
  const work = gained(curve, now - span, now)
  return work > 0 ? (gain * span) / work : null
})

/** The pace grows (or falls) as it did, by the same amount each minute. */
const linearTrend = modelOf('trend', 0.02, (question) => {
  const { half, early, late } = halves(question)
  const slope = (late - early) / half
  const pace = late + (slope * half) / 2
  return late <= 0 || pace <= 0 ? null : linearTime(question.gain, pace, slope)
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
const growth = modelOf('growth', 0.02, (question) => {
  const { half, early, late } = halves(question)
  if (early <= 0 || late <= early) return null
  const share = Math.min(Math.log(late / early) / half, 0.1)
  const pace = late * Math.exp((share * half) / 2)
  return Math.log(1 + (share * question.gain) / pace) / share
})

/** The pace between pauses goes on, and no pause comes. */
const busyPace = modelOf('busy', 0.02, ({ gain, curve, now, span }) => {
  const pace = busyPaceOf(stretches(curve, now, span))
  return pace === null ? null : gain / pace
})

/** Work and pauses alternate as they did: the next pause comes when a stretch has lasted as long as they usually do. */
const cycle = modelOf('cycle', 0.03, ({ gain, curve, now, span }) => {
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
})

export const PACE_MODELS: readonly PaceModel[] = [
  ...[8, 12, 16, 22, 30, 40, 55, 75, 100, 140, 200, 280].map(constantPace),
  ...[20, 30, 45, 65, 90, 130, 180, 240].map(linearTrend),
  ...[30, 45, 65, 90, 130, 180, 240].map(growth),
  ...[45, 75, 120, 180, 260].map(busyPace),
  ...[120, 180, 260].map(cycle),
]
