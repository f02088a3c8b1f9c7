import type { AgentState } from '../core/agent.ts'
import type { Paint, Tone } from './io.ts'

/** What the fleet table shows of one machine; a plain copy of the `machines` topic. */
export interface FleetLine {
  readonly id: string
  readonly status: string
  readonly age_s: number | null
  readonly stale: boolean
  readonly cpu_pct: number | null
  readonly mem_pct: number | null
  readonly disk_used_pct: number | null
  readonly load5: number | null
  readonly cores: number | null
  readonly agents: Readonly<Record<string, number>>
  readonly top_issue: string | null
}

export interface MachineSpend {
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
}

/** Text with a tone; the terminal decides what a tone looks like. */
export interface Cell {
  readonly text: string
  readonly tone: Tone | null
}

const cell = (text: string, tone: Tone | null = null): Cell => ({ text, tone })

/** Age as a tired person reads it: 4s, 3m, 2h, 5d. */
export const ageText = (seconds: number | null): string => {
  if (seconds === null) return 'never'
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** 1234 → 1.2k, 3400000 → 3.4M. */
export const countText = (n: number): string => {
  if (n < 1000) return String(n)
  if (n < 999_950) return `${(n / 1000).toFixed(1)}k`
  return n < 999_950_000 ? `${(n / 1e6).toFixed(1)}M` : `${(n / 1e9).toFixed(1)}G`
}

export const dollarText = (microusd: number): string => `$${(microusd / 1e6).toFixed(2)}`

const percent = (value: number | null, warnAt: number, badAt: number): Cell =>
  value === null
    ? cell('?', 'dim')
    : cell(`${Math.round(value)}%`, value >= badAt ? 'bad' : value >= warnAt ? 'warn' : null)

const STATUS_TONE: Record<string, Tone> = { online: 'good', degraded: 'warn', offline: 'bad', unknown: 'dim' }

// Signs of the constellation: what needs somebody stands first.
const SIGNS: readonly (readonly [AgentState, string, Tone | null])[] = [
  ['needs_approval', '!', 'bad'],
  ['asked_question', '?!', 'bad'],
  ['failed', 'fail', 'bad'],
  ['stalled', 'stall', 'warn'],
  ['rate_limited', '~', 'warn'],
  ['working', '@', 'good'],
  ['turn_finished', 'done', null],
  ['idle', '*', null],
  ['unknown', '?', 'dim'],
]

const agentsCell = (agents: FleetLine['agents']): Cell => {
  const present = SIGNS.filter(([state]) => (agents[state] ?? 0) > 0)
  if (present.length === 0) return cell('-', 'dim')
  return cell(present.map(([state, sign]) => `${agents[state]}${sign}`).join(' '), present[0]?.[2] ?? null)
}

const spendCells = (spend: MachineSpend | undefined): [Cell, Cell] => {
  if (!spend || spend.total_tokens === 0) return [cell('-', 'dim'), cell('-', 'dim')]
  const unpriced = spend.unpriced_tokens > 0
  return [
    cell(countText(spend.total_tokens)),
    cell(`${dollarText(spend.cost_microusd)}${unpriced ? '+?' : ''}`, unpriced ? 'warn' : null),
  ]
}

const ISSUE_CHARS = 60
const shortened = (text: string): string => (text.length > ISSUE_CHARS ? `${text.slice(0, ISSUE_CHARS - 1)}…` : text)

export const FLEET_HEAD = [
  'MACHINE',
  'STATUS',
  'AGE',
  'CPU',
  'MEM',
  'DISK',
  'LOAD5',
  'AGENTS',
  'TOKENS',
  'COST',
  'WRONG FIRST',
] as const

export const fleetRow = (m: FleetLine, spend: MachineSpend | undefined): readonly Cell[] => {
  const load =
    m.load5 === null ? cell('?', 'dim') : cell(m.load5.toFixed(1), m.cores && m.load5 > m.cores * 1.5 ? 'warn' : null)
  return [
    cell(m.id),
    cell(m.status, STATUS_TONE[m.status] ?? null),
    cell(m.stale && m.age_s !== null ? `${ageText(m.age_s)} old` : ageText(m.age_s), m.stale ? 'warn' : 'dim'),
    percent(m.cpu_pct, 85, 95),
    percent(m.mem_pct, 85, 95),
    percent(m.disk_used_pct, 85, 90),
    load,
    agentsCell(m.agents),
    ...spendCells(spend),
    cell(shortened(m.top_issue ?? ''), m.top_issue ? 'warn' : null),
  ]
}

/** The line that says what the signs in AGENTS mean; only those that are shown. */
export const legend = (machines: readonly FleetLine[]): string => {
  const shown = SIGNS.filter(([state]) => machines.some((m) => (m.agents[state] ?? 0) > 0))
  return shown.map(([state, sign]) => `${sign} ${state.replaceAll('_', ' ')}`).join('  ')
}

export const paintCell = (paint: Paint, { text, tone }: Cell): string => (tone === null ? text : paint(tone, text))
