import { type Span, span, type Tone } from './line.ts'

interface Sign {
  readonly sign: string
  readonly tone: Tone
  readonly words: string
}

/** How every state of an agent looks, in the order of what needs a person first. */
export const STATE_SIGNS: Readonly<Record<string, Sign>> = {
  needs_approval: { sign: '!', tone: 'bad', words: 'needs approval' },
  asked_question: { sign: '!', tone: 'bad', words: 'asked a question' },
  failed: { sign: 'x', tone: 'bad', words: 'failed' },
  stalled: { sign: '?', tone: 'warn', words: 'stalled' },
  rate_limited: { sign: '~', tone: 'warn', words: 'rate-limited' },
  working: { sign: '@', tone: 'good', words: 'working' },
  turn_finished: { sign: '*', tone: 'info', words: 'turn finished' },
  idle: { sign: '*', tone: 'muted', words: 'idle' },
  unknown: { sign: '?', tone: 'unknown', words: 'unknown' },
  dead: { sign: 'x', tone: 'muted', words: 'dead' },
}

const STRANGE: Sign = { sign: '?', tone: 'unknown', words: 'unknown' }

/** Sign, tone and words of a state; a state of a newer vc is unknown here. */
export const signOf = (state: string | null | undefined): Sign => STATE_SIGNS[state ?? 'unknown'] ?? STRANGE

export const stateSign = (state: string | null | undefined): Span => {
  const { sign, tone } = signOf(state)
  return span(sign, tone)
}

/** `3@ 1! 2*` from counts by state; nothing is `—`. */
export const stateCounts = (counts: Readonly<Record<string, number>>): readonly Span[] => {
  const present = Object.keys(STATE_SIGNS).filter((state) => (counts[state] ?? 0) > 0)
  if (present.length === 0) return [span('—', 'muted')]
  return present.flatMap((state, index) => [
    ...(index === 0 ? [] : [span(' ')]),
    span(`${counts[state]}${signOf(state).sign}`, signOf(state).tone),
  ])
}

const STATUS: Readonly<Record<string, Tone>> = { online: 'good', degraded: 'warn', offline: 'bad' }

/** `●` for a machine: full when it answers, half when in part, open when not. */
export const machineSign = (status: string | null | undefined): Span => {
  const sign = status === 'online' ? '●' : status === 'degraded' ? '◐' : status === 'offline' ? '○' : '?'
  return span(sign, STATUS[status ?? ''] ?? 'unknown')
}

const SEVERITY: Readonly<Record<string, Tone>> = { critical: 'bad', warning: 'warn', info: 'info' }

/** `▲` in the tone of a severity. */
export const severitySign = (severity: string | null | undefined): Span =>
  span(severity === 'info' ? '·' : '▲', SEVERITY[severity ?? ''] ?? 'unknown')
