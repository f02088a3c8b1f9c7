import { pasteable } from '../core/shell-word.ts'
import type { Severity } from './rule.ts'
import { EVERY_SOURCE } from './status.ts'
import { type Advice, causeOf, RANK } from './triage.ts'

/** A firing alert as triage reads it. */
export interface FiringAlert {
  readonly alert_id: string
  readonly rule: string
  readonly machine_id: string | null
  readonly subject: string
  readonly severity: Severity
  readonly title: string
  readonly since: string
  /** Somebody has it in hand. */
  readonly acked_at: string | null
  readonly silenced_until: string | null
  readonly suppressed_by?: string | null | undefined
  readonly evidence_json?: string | undefined
}

interface Todo {
  readonly action: string
  readonly words: readonly string[]
  readonly confidence: number
  readonly cause: string
}

type Answer = (alert: FiringAlert, machine: string) => Todo

const say = (action: string, words: readonly string[], confidence: number, cause: string): Todo => ({
  action,
  words,
  confidence,
  cause,
})

const agent =
  (action: string): Answer =>
  ({ subject }, machine) =>
    say(action, ['explain', subject], 0.8, causeOf('agent', machine, subject))

const onMachine =
  (action: string, confidence = 0.7): Answer =>
  ({ rule, subject }, machine) =>
    say(action, ['robot', 'machine', machine, '--json'], confidence, causeOf(rule, machine, subject))

const account: Answer = ({ subject }) => {
  const [provider = '', name = ''] = subject.split(' ')
  return say(
    'see which account to use next',
    ['account', 'recommend', '--provider', provider],
    0.8,
    causeOf('account', '', `${provider} ${name}`),
  )
}

const mail: Answer = (_alert, machine) =>
  say('see who waits for whom', ['robot', 'mail', '--machine', machine, '--json'], 0.8, causeOf('mail', machine))

const topic =
  (name: string, action: string): Answer =>
  ({ rule, subject }, machine) =>
    say(
      action,
      ['robot', name, ...(machine === '' ? [] : ['--machine', machine]), '--json'],
      0.7,
      causeOf(rule, machine, subject),
    )

/** Rule to what somebody could do about it. A rule that is not here is looked at where it fires. */
const TODO: Readonly<Record<string, Answer>> = {
  machine_unreachable: (_alert, machine) =>
    say('look at the way to the machine', ['machines', 'probe', machine], 0.9, causeOf('machine', machine)),
  disk_low: ({ subject }, machine) =>
    say('free space on this filesystem', ['robot', 'machine', machine, '--json'], 0.7, causeOf('disk', machine, subject)),
  collector_red: ({ subject }, machine) =>
    subject === EVERY_SOURCE
      ? say('see what hangs there', ['machines', 'probe', machine], 0.9, causeOf('machine', machine))
      : say('see what the source answered', ['collect', '--collector', subject, '-m', machine, '--explain'], 0.8, causeOf('source', machine, subject)),
  agent_waits: agent('read the dialog and answer it'),
  agent_stalled: agent('see what it waits for'),
  agent_error_loop: agent('see which error repeats'),
  context_full: agent('let it compact, or begin a new session'),
  crash_loop: topic('agents', 'see which agents end again and again'),
  load_high: onMachine('see which processes take the processors'),
  swap_rising: onMachine('see which processes take the memory'),
  oom_kills: onMachine('see which processes take the memory'),
  orphans_memory: onMachine('see which abandoned processes take the memory'),
  inotify_low: onMachine('raise the limit of inotify', 0.6),
  clock_skew: onMachine('set the clock of the machine', 0.8),
  account_near_limit: account,
  limit_before_reset: account,
  mail_overdue: mail,
  mail_backlog: mail,
  dirty_repos: (_alert, machine) =>
    say('commit or push what lies there', ['robot', 'repos', '--machine', machine, '--dirty', '--json'], 0.6, causeOf('repos', machine)),
  transcripts_deleted: ({ subject }, machine) =>
    say('keep its transcripts longer', ['doctor', '-m', machine], 0.7, causeOf('retention', machine, subject)),
  rch_saturated: topic('builds', 'see which builds wait'),
  cass_stale: topic('content', 'see how old the index is'),
  network_unknown: topic('network', 'see who talks to whom'),
  dcg_denies: topic('guards', 'see which commands were refused'),
  backup_failed: () => say('make one by hand and see why', ['db', 'backup'], 0.8, causeOf('backup', '')),
  budget: () => say('see what it was spent for', ['robot', 'usage', '--since', 'today', '--by', 'project', '--json'], 0.8, causeOf('budget', '')),
  unpriced_model: ({ subject }) =>
    say('give this model a price', ['robot', 'usage', '--since', '7d', '--by', 'model', '--json'], 0.7, causeOf('unpriced', '', subject)),
} // biome-ignore format: one rule, one answer

const other: Answer = ({ rule, subject }, machine) =>
  say('look at it', machine === '' ? ['doctor'] : ['status', '-m', machine], 0.5, causeOf(rule, machine, subject))

/** Ids of advice of other sources that says no more than this alert. */
const ECHOES: Readonly<Record<string, (subject: string, machine: string) => readonly string[]>> = {
  agent_waits: (agent) => [`agent:${agent}:needs_approval`, `agent:${agent}:asked_question`],
  agent_stalled: (agent) => [`agent:${agent}:stalled`],
  collector_red: (source, machine) => [`source:${machine}:${source}`],
  disk_low: (mount, machine) => [`disk_full:${machine}:${mount}`],
  mail_overdue: (_subject, machine) => [`mail:${machine}`],
  dirty_repos: (_subject, machine) => [`repos:${machine}`],
  transcripts_deleted: (cli, machine) => [`retention:${machine}:${cli}`],
}

const isSilenced = ({ silenced_until: until }: FiringAlert, at: Date): boolean =>
  until !== null && Date.parse(until) > at.getTime()

/** Rules that say all their echo says: both in one recommendation would be the same sentence twice. */
const SAYS_IT_ALL: ReadonlySet<string> = new Set(['collector_red', 'mail_overdue'])

/** What another source would ask for again although the alert about it says so, or somebody silenced or acknowledged that. */
export const inHand = (alerts: readonly FiringAlert[], at: Date): ReadonlySet<string> =>
  new Set(
    alerts
      .filter((alert) => alert.acked_at !== null || isSilenced(alert, at) || SAYS_IT_ALL.has(alert.rule))
      .flatMap(({ rule, subject, machine_id: machine }) => ECHOES[rule]?.(subject, machine ?? '') ?? []),
  )

/** An alert of an account speaks of one window: after its reset it says nothing of now, however long nobody looked. */
const isOver = ({ evidence_json: json }: FiringAlert, at: Date): boolean => {
  const { resets_at: resets } = JSON.parse(json ?? '{}') as { readonly resets_at?: unknown }
  return typeof resets === 'string' && Date.parse(resets) <= at.getTime()
}

/** Nobody asks again for what somebody silenced; what was acknowledged stands behind what was not. */
export const adviceFromAlerts = (alerts: readonly FiringAlert[], at: Date): readonly Advice[] =>
  alerts.flatMap((alert) => {
    if (isSilenced(alert, at) || isOver(alert, at) || (alert.suppressed_by ?? null) !== null) return []
    const machine = alert.machine_id ?? ''
    const { action, words, confidence, cause } = (TODO[alert.rule] ?? other)(alert, machine)
    return [
      {
        id: alert.alert_id,
        cause,
        rank: RANK[alert.severity] + (alert.acked_at === null ? 0 : RANK.info),
        title: alert.title,
        description: `${alert.rule} is ${alert.severity} since ${alert.since}${alert.acked_at === null ? '' : `, acknowledged ${alert.acked_at}`}`,
        since: alert.since,
        scope: alert.machine_id === null ? 'fleet' : `machine:${alert.machine_id}`,
        action,
        command: pasteable(['vc', ...words]),
        confidence,
      },
    ]
  })
