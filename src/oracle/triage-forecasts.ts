import { pasteable } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'
import { type Advice, causeOf, RANK } from './triage.ts'

/** A forecast as it was stored or made just now. */
export interface Foretold {
  readonly kind: string
  readonly machineId: string
  readonly subject: string
  readonly outlook: string
  readonly valueMinutes: number | null
  readonly probability: number | null
  readonly action: string
  readonly confidence: number
  readonly basis: Readonly<Record<string, unknown>>
  readonly advice: Readonly<Record<string, unknown>>
}

/** Less likely than this is not worth a person's time. */
const LIKELY = 0.6
/** What fills up later than this can wait. */
const SOON_MIN = 24 * 60

const minutesWords = (minutes: number | null): string =>
  minutes === null
    ? 'at an unknown time'
    : minutes < 120
      ? `in ${Math.round(minutes)} min`
      : `in ${Math.round(minutes / 60)} h`
const text = (value: unknown): string => (typeof value === 'string' ? displayText(value, 120) : '?')
const pctOf = (probability: number | null): string =>
  probability === null ? '' : `, probability ${probability.toFixed(2)}`

const LIMIT: Readonly<Record<string, { rank: number; action: string }>> = {
  swap_now: { rank: RANK.limit_hit, action: 'go on with another account' },
  pause: { rank: RANK.limit_hit, action: 'pause its agents' },
  wait_for_reset: { rank: RANK.limit_hit, action: 'wait for the reset' },
  prepare_swap: { rank: RANK.limit_swap, action: 'prepare another account' },
  slow_down: { rank: RANK.limit_slow, action: 'slow its agents down' },
}

/** What people call the account that one is sent to. */
const labelOf = ({ to, alternatives }: Foretold['advice']): unknown =>
  Array.isArray(alternatives)
    ? (alternatives as readonly { readonly accountKey?: unknown; readonly label?: unknown }[]).find(
        ({ accountKey }) => accountKey === to,
      )?.label
    : null

const fromLimit = (said: Foretold): readonly Advice[] => {
  const todo = LIMIT[said.action]
  if (todo === undefined || (said.outlook !== 'forecast' && said.outlook !== 'hit')) return []
  const { provider, account, account_label: label, window } = said.basis
  const name = `${text(provider)} ${text(label ?? account)}`
  const to = typeof said.advice.to === 'string' ? ` to ${text(labelOf(said.advice) ?? said.advice.to)}` : ''
  const used = typeof said.basis.used_pct === 'number' ? `${Math.round(said.basis.used_pct)} % used` : 'use unknown'
  const resets = said.basis.resets_at instanceof Date ? said.basis.resets_at.toISOString() : said.basis.resets_at
  return [
    {
      id: `limit:${said.subject}`,
      cause: causeOf('account', '', `${String(provider)} ${String(account)}`),
      rank: todo.rank,
      title:
        said.outlook === 'hit'
          ? `${name} has used up its ${text(window)} window`
          : `${name} uses up its ${text(window)} window ${minutesWords(said.valueMinutes)}`,
      description: `${used}, reset at ${typeof resets === 'string' ? resets : 'an unknown time'}${pctOf(said.probability)}, advice ${said.action}${to}`,
      scope: `account:${text(account)}`,
      action: todo.action,
      command: pasteable(['vc', 'account', 'recommend', '--provider', text(provider)]),
      confidence: said.confidence,
    },
  ]
}

const fromCapacity = (said: Foretold): readonly Advice[] => {
  if (said.outlook !== 'forecast' || said.valueMinutes === null || said.valueMinutes > SOON_MIN) return []
  if ((said.probability ?? 1) < LIKELY) return []
  const disk = said.kind === 'disk_full'
  return [
    {
      id: `${said.kind}:${said.machineId}:${said.subject}`,
      cause: causeOf(disk ? 'disk' : said.kind, said.machineId, said.subject),
      rank: RANK.fills_up,
      title: `${said.machineId} ${disk ? said.subject : 'memory'} is full ${minutesWords(said.valueMinutes)}`,
      description: `at its present pace${pctOf(said.probability)}`,
      scope: `machine:${said.machineId}`,
      action: disk ? 'free space on this filesystem' : 'see which processes take the memory',
      command: pasteable(['vc', 'robot', 'machine', said.machineId, '--json']),
      confidence: said.confidence,
    },
  ]
}

const fromStuck = (said: Foretold): readonly Advice[] => {
  if (said.outlook !== 'forecast' || (said.probability ?? 0) < LIKELY) return []
  return [
    {
      id: `${said.kind}:${said.subject}`,
      cause: causeOf('agent', said.machineId, said.subject),
      rank: RANK.will_be_stuck,
      title: `${said.subject} may get stuck: ${said.kind.replace('stuck_', '').replaceAll('_', ' ')}`,
      description: `${minutesWords(said.valueMinutes)}${pctOf(said.probability)}, advice ${said.action}`,
      scope: `agent:${said.subject}`,
      action: 'look at it before it is',
      command: pasteable(['vc', 'explain', said.subject]),
      confidence: said.confidence,
    },
  ]
}

/** What is foretold and worth acting on before it comes. */
export const adviceFromForecasts = (all: readonly Foretold[]): readonly Advice[] =>
  all.flatMap((said) => {
    if (said.kind === 'limit') return fromLimit(said)
    return said.kind.startsWith('stuck_') ? fromStuck(said) : fromCapacity(said)
  })
