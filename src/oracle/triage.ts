/** One thing somebody could do, with what it is about. */
export interface Advice {
  readonly id: string
  /** What is behind it. Advice of one cause is one recommendation, however many sources tell of it. */
  readonly cause: string
  /** Lower comes first. */
  readonly rank: number
  readonly title: string
  readonly description: string
  readonly scope: string
  /** Since when it is so, where that is known: of what is as urgent the longest stands first, as in the list of alerts. */
  readonly since?: string | null
  readonly action: string
  /** One line that can be pasted into a shell. */
  readonly command: string
  /** 0-1: how sure it is that this is so and worth doing. */
  readonly confidence: number
}

/** Ranks of what has no severity of its own; alerts: critical 0, warning 20, info 40. */
export const RANK = {
  unwatched: -1,
  critical: 0,
  needs_approval: 5,
  asked_question: 6,
  failed: 10,
  stalled: 12,
  limit_hit: 14,
  rate_limited: 15,
  limit_swap: 16,
  warning: 20,
  limit_slow: 24,
  source_red: 26,
  mail_overdue: 28,
  fills_up: 30,
  will_be_stuck: 32,
  no_way_on: 36,
  info: 40,
  retention: 44,
  repos: 50,
  ready_work: 60,
} as const

const ALSO = 3

const mostUrgent = (a: Advice, b: Advice): number =>
  a.rank - b.rank || (a.since ?? '~').localeCompare(b.since ?? '~') || a.id.localeCompare(b.id)

const merged = (group: readonly Advice[]): Advice => {
  const [first, ...rest] = group.toSorted(mostUrgent)
  if (first === undefined) throw new Error('a group of advice is never empty')
  const also = [...new Set(rest.map(({ title }) => title))].filter((title) => title !== first.title)
  if (also.length === 0) return first
  const more = also.length > ALSO ? `; and ${also.length - ALSO} more` : ''
  return { ...first, description: `${first.description}; also: ${also.slice(0, ALSO).join('; ')}${more}` }
}

/**
 * The most urgent first, one per cause. `gone` are machines that cannot be reached: what hangs on one of them says nothing
 * new beside that.
 */
export const rankAdvice = (all: readonly Advice[], gone: ReadonlySet<string>): readonly Advice[] => {
  const speaks = all.filter(({ cause }) => {
    const [kind, machine = ''] = cause.split('\u0001')
    return kind === 'machine' || !gone.has(machine)
  })
  return [...Map.groupBy(speaks, ({ cause }) => cause).values()].map(merged).toSorted(mostUrgent)
}

/** A cause: its kind, the machine it hangs on ('' = none), and what it is. */
export const causeOf = (kind: string, machine: string, what = ''): string => [kind, machine, what].join('\u0001')
