/** A line of an incident's timeline. */
export interface TimelineEvent {
  readonly ts: string
  /** alert, agent, machine, security, guard, process, network, scrape, commit, version */
  readonly kind: string
  readonly machine: string | null
  readonly subject: string
  readonly severity: 'critical' | 'warning' | 'info'
  readonly change: string
  readonly text: string
}

export interface Hypothesis {
  readonly cause: string
  readonly title: string
  /** 0-1: how much speaks for it; not a probability. */
  readonly score: number
  /** Each thing that was counted, with what it added. */
  readonly reasons: readonly string[]
  /** What to look at next. */
  readonly look: string
}

/** What the rules look at: the alerts of the incident, oldest first, and the timeline around them. */
export interface IncidentFacts {
  readonly machineId: string | null
  readonly openedAtMs: number
  readonly alerts: readonly {
    readonly rule: string
    readonly machineId: string | null
    readonly subject: string
    readonly firedAtMs: number
    readonly title: string
  }[]
  readonly timeline: readonly TimelineEvent[]
}

interface Weight {
  readonly add: number
  readonly because: string
}

interface CauseRule {
  readonly cause: string
  readonly title: (facts: IncidentFacts) => string
  readonly look: (facts: IncidentFacts) => string
  readonly weigh: (facts: IncidentFacts) => readonly (Weight | null)[]
}

const BEFORE_MS = 30 * 60_000

const has = (facts: IncidentFacts, rule: RegExp): boolean => facts.alerts.some((alert) => rule.test(alert.rule))
const isFirst = (facts: IncidentFacts, rule: RegExp): boolean => rule.test(facts.alerts[0]?.rule ?? '')
const when = (holds: boolean, add: number, because: string): Weight | null => (holds ? { add, because } : null)
const machines = (facts: IncidentFacts, rule: RegExp): number =>
  new Set(facts.alerts.filter((alert) => rule.test(alert.rule)).map((alert) => alert.machineId)).size
const of = (facts: IncidentFacts, kind: TimelineEvent['kind'], change = /./): readonly TimelineEvent[] =>
  facts.timeline.filter((event) => event.kind === kind && change.test(event.change))
const minutes = (ms: number): string => `${Math.max(0, Math.round(ms / 60_000))} min`
/** The newest event of a kind shortly before the incident began. */
const justBefore = (facts: IncidentFacts, kind: TimelineEvent['kind']): TimelineEvent | undefined =>
  of(facts, kind)
    .filter((event) => {
      const ms = facts.openedAtMs - Date.parse(event.ts)
      return ms >= 0 && ms <= BEFORE_MS
    })
    .at(-1)
const before = (facts: IncidentFacts, event: TimelineEvent | undefined, most: number, what: string): Weight | null => {
  if (event === undefined) return null
  const ms = facts.openedAtMs - Date.parse(event.ts)
  // What happened a minute before weighs more than what happened half an hour before.
  const add = Math.round(most * (1 - (0.6 * ms) / BEFORE_MS) * 100) / 100
  return { add, because: `${what} ${minutes(ms)} before it began: ${event.text}` }
}
const place = (facts: IncidentFacts): string => facts.machineId ?? facts.alerts[0]?.machineId ?? 'the fleet'

const UNREACHABLE = /^machine_unreachable$/
const DISK = /disk/
const MEMORY = /oom|swap|memory/
const LIMIT = /limit|account/
const COLLECTOR = /^collector_red$|stale/

const RULES: readonly CauseRule[] = [
  {
    cause: 'network',
    title: (f) => `the way to ${machines(f, UNREACHABLE)} machines is broken, not the machines`,
    look: () => 'vc status; is vc itself online, and does a VPN or jump host stand between?',
    weigh: (f) => [
      when(
        machines(f, UNREACHABLE) >= 3,
        0.8,
        `${machines(f, UNREACHABLE)} machines fell silent within minutes of each other`,
      ),
      when(machines(f, UNREACHABLE) === 2, 0.4, 'two machines fell silent within minutes of each other'),
    ],
  },
  {
    cause: 'dead_machine',
    title: (f) => `${place(f)} is down or cannot be reached`,
    look: (f) => `vc machines probe ${place(f)}`,
    weigh: (f) => [
      when(has(f, UNREACHABLE) && machines(f, UNREACHABLE) < 3, 0.6, 'the way to it failed twice in a row'),
      when(
        isFirst(f, UNREACHABLE) && machines(f, UNREACHABLE) < 3,
        0.2,
        'that was the first alert: what followed may follow from it',
      ),
      when(has(f, UNREACHABLE) && of(f, 'machine', /offline/).length > 0, 0.1, 'its status went offline'),
    ],
  },
  {
    cause: 'disk_full',
    title: (f) => `a filesystem of ${place(f)} is full`,
    look: (f) => `vc robot machine ${place(f)}`,
    weigh: (f) => [
      when(has(f, DISK), 0.55, f.alerts.find((alert) => DISK.test(alert.rule))?.title ?? 'a disk alert fires'),
      when(isFirst(f, DISK), 0.2, 'that was the first alert'),
      when(
        has(f, DISK) && of(f, 'agent', /failed|stalled|dead/).length > 0,
        0.15,
        'agents failed or stalled there after it',
      ),
    ],
  },
  {
    cause: 'out_of_memory',
    title: (f) => `${place(f)} ran out of memory`,
    look: (f) => `vc robot machine ${place(f)}`,
    weigh: (f) => [
      when(has(f, /oom/), 0.7, 'the kernel killed processes for want of memory'),
      when(has(f, /swap|memory/), 0.35, 'swap or memory alerts fire'),
      when(has(f, MEMORY) && of(f, 'agent', /dead|failed/).length > 0, 0.2, 'agents died there in that time'),
    ],
  },
  {
    cause: 'rate_limit',
    title: () => 'an account reached its rate limit',
    look: () => 'vc account list; vc account recommend',
    weigh: (f) => [
      when(has(f, LIMIT), 0.5, f.alerts.find((alert) => LIMIT.test(alert.rule))?.title ?? 'an account alert fires'),
      when(
        of(f, 'agent', /^rate_limited$/).length > 0,
        0.3,
        `${of(f, 'agent', /^rate_limited$/).length} times an agent said that it is rate limited`,
      ),
    ],
  },
  {
    cause: 'version_change',
    title: () => 'a tool was updated just before',
    look: () => 'vc diff 1h',
    weigh: (f) => [
      before(f, justBefore(f, 'version'), 0.5, 'a version changed'),
      when(
        justBefore(f, 'version') !== undefined && has(f, COLLECTOR),
        0.3,
        'and a source of that time cannot be read any more',
      ),
    ],
  },
  {
    cause: 'commit',
    title: () => 'a commit or pull just before',
    look: (f) => `vc robot repos${f.machineId ? ` --machine ${f.machineId}` : ''}`,
    weigh: (f) => [before(f, justBefore(f, 'commit'), 0.4, 'a checkout moved')],
  },
  {
    cause: 'collector',
    title: () => 'vc’s own look is what fails; what it looks at may be well',
    look: () => 'vc doctor',
    weigh: (f) => [
      when(
        f.alerts.length > 0 && f.alerts.every((alert) => COLLECTOR.test(alert.rule)),
        0.6,
        'every alert of it is about a source that does not answer, on machines that do',
      ),
      when(
        machines(f, COLLECTOR) >= 2 && new Set(f.alerts.map((alert) => alert.subject)).size === 1,
        0.2,
        'it is the same source on several machines',
      ),
    ],
  },
]

/** Causes that something speaks for, the likeliest first. Nothing is guessed: no reason, no hypothesis. */
export const rankCauses = (facts: IncidentFacts): readonly Hypothesis[] =>
  RULES.flatMap((rule) => {
    const weights = rule.weigh(facts).filter((weight) => weight !== null)
    if (weights.length === 0) return []
    const score = Math.min(
      0.95,
      weights.reduce((sum, { add }) => sum + add, 0),
    )
    return [
      {
        cause: rule.cause,
        title: rule.title(facts),
        score: Math.round(score * 100) / 100,
        reasons: weights.map(({ add, because }) => `+${add.toFixed(2)} ${because}`),
        look: rule.look(facts),
      },
    ]
  }).sort((a, b) => b.score - a.score)
