import { limitName } from '../core/limit-name.ts'
import { displayText } from '../core/text.ts'
import type { Paint, Tone } from './io.ts'
import { ageText, tableText } from './table.ts'

/** A plain copy of the `accounts` topic, as far as the screen shows it. */
export interface AccountsAnswer {
  readonly windows: readonly WindowLine[]
  readonly accounts: readonly AccountLine[]
  readonly recommendations: readonly Recommended[]
}

export interface WindowLine {
  readonly provider: string
  readonly account: string
  readonly limit: string
  readonly window: string
  readonly used_pct: number | null
  readonly unknown_because: string | null
  readonly resets_at: string | null
  readonly age_s: number
  readonly stale: boolean
  readonly source: string
  readonly machine: string
  readonly conflicts: readonly string[]
}

export interface AccountLine {
  readonly provider: string
  readonly account: string
  readonly label: string | null
  readonly plan: string | null
  readonly machines: readonly string[]
  readonly held_until: string | null
  readonly conflicts: readonly string[]
  readonly profiles: readonly { readonly machine: string; readonly profile: string; readonly active: boolean }[]
}

export interface CandidateLine {
  readonly account: string
  readonly label: string | null
  readonly usable: boolean
  readonly headroom_pct: number | null
  readonly reasons: readonly string[]
  readonly machine: string | null
  readonly command: string | null
  readonly why_no_command: string | null
}

export interface Recommended {
  readonly provider: string
  readonly use: CandidateLine | null
  readonly why: string | null
  readonly others: readonly CandidateLine[]
}

const shortTime = (iso: string): string => `${iso.slice(5, 16).replace('T', ' ')}`
const nameOf = (one: { readonly label: string | null; readonly account: string }): string =>
  displayText(one.label ?? one.account, 40)

const usedTone = (pct: number): Tone | null => (pct >= 95 ? 'bad' : pct >= 80 ? 'warn' : null)
const toned = (paint: Paint, tone: Tone | null, text: string): string => (tone === null ? text : paint(tone, text))

const WHY: Readonly<Record<string, string>> = {
  window_ended: '? (window ended)',
  suspect: '? (not believed)',
  not_said: '?',
}

const usedCell = (line: WindowLine, paint: Paint): string =>
  line.used_pct === null
    ? paint('dim', WHY[line.unknown_because ?? 'not_said'] ?? '?')
    : toned(paint, usedTone(line.used_pct), `${Math.round(line.used_pct)} %`)

const whereOf = (account: AccountLine): string => {
  const active = account.profiles.filter((one) => one.active).map((one) => `${one.machine}*`)
  return [...new Set([...active, ...account.machines.filter((id) => !active.includes(`${id}*`))])].join(' ')
}

const rowsOf = (account: AccountLine, windows: readonly WindowLine[], paint: Paint): string[][] => {
  const head = [nameOf(account), account.provider, displayText(account.plan ?? '?', 20)]
  const own = windows.filter((one) => one.account === account.account && one.provider === account.provider)
  if (own.length === 0) return [[...head, '-', paint('dim', 'not seen'), '', '', '', whereOf(account)]]
  return own.map((line, at) => [
    ...(at === 0 ? head : ['', '', '']),
    displayText(limitName(line.provider, line.limit, line.window), 24),
    usedCell(line, paint),
    line.resets_at === null ? paint('dim', '?') : shortTime(line.resets_at),
    toned(paint, line.stale ? 'warn' : 'dim', `${ageText(line.age_s)}${line.stale ? ' old' : ''}`),
    displayText(line.source, 30),
    at === 0 ? whereOf(account) : '',
  ])
}

const HEAD = ['account', 'provider', 'plan', 'window', 'used', 'resets (UTC)', 'seen', 'by', 'machines'] as const

const EMPTY = [
  'No account has been seen yet.',
  'An account shows up when Claude Code or Codex runs with a subscription login (an API key has no windows),',
  'or when caut or caam is on a machine that vc looks at: vc machines list, vc doctor',
]

/** Accounts with their windows, the fullest first; `*` marks a machine where caam has the login active. */
export const accountTable = (answer: AccountsAnswer, paint: Paint): string => {
  if (answer.accounts.length === 0) return EMPTY.join('\n')
  const rows = answer.accounts.flatMap((account) => rowsOf(account, answer.windows, paint))
  const notes = answer.accounts.flatMap((account) => [
    ...(account.held_until === null
      ? []
      : [paint('bad', `${nameOf(account)}: held until ${shortTime(account.held_until)} UTC`)]),
    ...account.conflicts.map((text) =>
      paint('warn', `${nameOf(account)}: sources disagree: ${displayText(text, 160)}`),
    ),
  ])
  const marked = answer.accounts.some((account) => account.profiles.some((one) => one.active))
  const legend = marked ? [paint('dim', '* active login by caam')] : []
  return [tableText(HEAD, rows, paint), ...legend, ...notes].join('\n')
}

const candidateText = (one: CandidateLine, paint: Paint): string[] => {
  const room = one.headroom_pct === null ? '' : `  ${Math.round(one.headroom_pct)} % free`
  return [
    `  ${paint(one.usable ? 'good' : 'dim', nameOf(one))}${room}`,
    ...one.reasons.map((reason) => paint('dim', `    ${displayText(reason, 200)}`)),
  ]
}

const recommendedText = (one: Recommended, paint: Paint): string[] => {
  const { use } = one
  const head = paint('strong', one.provider)
  const rest = one.others.flatMap((other) => candidateText(other, paint))
  if (use === null) return [`${head}: ${paint('warn', displayText(one.why ?? 'nothing to recommend', 120))}`, ...rest]
  const how =
    use.command === null
      ? displayText(use.why_no_command ?? '', 160)
      : `on ${displayText(use.machine ?? '?', 60)}: ${paint('strong', displayText(use.command, 160))}`
  return [
    `${head}: use ${paint('good', nameOf(use))}${how === '' ? '' : ` (${how})`}`,
    ...candidateText(use, paint).slice(1),
    ...(rest.length > 0 ? [paint('dim', '  instead of:'), ...rest] : []),
  ]
}

/** Which account to use next, per provider, with what speaks for it and against the others. */
export const recommendText = (answer: AccountsAnswer, paint: Paint): string =>
  answer.recommendations.length === 0
    ? EMPTY.join('\n')
    : answer.recommendations.map((one) => recommendedText(one, paint).join('\n')).join('\n\n')
