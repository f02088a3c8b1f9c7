import type { AgentState } from '../core/agent.ts'
import { displayText } from '../core/text.ts'
import type { Paint, Tone } from './io.ts'
import { shortened, textWidth } from './text-width.ts'

/** What the fleet table shows of one machine; a plain copy of the `machines` topic. */
export interface FleetLine {
  readonly id: string
  readonly status: string
  readonly status_reason?: string | null
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

/** No look at it has ended: one that was looked at in vain says why. */
export const isUnseen = ({ age_s, status_reason }: FleetLine): boolean => age_s === null && !status_reason

// A machine that does not answer says why on its own line.
const issueOf = (m: FleetLine): string => {
  if (isUnseen(m) && m.top_issue === 'never reached') return 'not looked at yet'
  const silent = m.status === 'offline' || m.status === 'unknown'
  return silent && m.status_reason ? `${m.top_issue ?? m.status}: ${m.status_reason}` : (m.top_issue ?? '')
}

const COLUMNS = [
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
type Column = (typeof COLUMNS)[number]

/** What a narrow terminal does without, in this order; who, whether, how old, agents and what is wrong always stay. */
const DISPENSABLE: readonly Column[] = ['LOAD5', 'COST', 'TOKENS', 'MEM', 'DISK', 'CPU']
const ISSUE_WANTS = 22
const ISSUE_LEAST = 12
const ISSUE_MOST = 100
const GAP = 2

const cellsOf = (m: FleetLine, spend: MachineSpend | undefined): Readonly<Record<Column, Cell>> => {
  const [tokens, cost] = spendCells(spend)
  return {
    MACHINE: cell(m.id),
    STATUS: cell(m.status, STATUS_TONE[m.status] ?? null),
    AGE: cell(m.stale && m.age_s !== null ? `${ageText(m.age_s)} old` : ageText(m.age_s), m.stale ? 'warn' : 'dim'),
    CPU: percent(m.cpu_pct, 85, 95),
    MEM: percent(m.mem_pct, 85, 95),
    DISK: percent(m.disk_used_pct, 85, 90),
    LOAD5:
      m.load5 === null
        ? cell('?', 'dim')
        : cell(m.load5.toFixed(1), m.cores && m.load5 > m.cores * 1.5 ? 'warn' : null),
    AGENTS: agentsCell(m.agents),
    TOKENS: tokens,
    COST: cost,
    'WRONG FIRST': cell(displayText(issueOf(m)), 'warn'),
  }
}

interface FleetCells {
  readonly head: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Whether a table of them fits; names are never shortened, people type them. */
  readonly fits: boolean
}

/** The fleet as head and cells for `width` columns of a terminal; without it nothing is left out. */
export const fleetCells = (
  machines: readonly FleetLine[],
  spend: ReadonlyMap<string | null, MachineSpend>,
  width = Number.POSITIVE_INFINITY,
): FleetCells => {
  const all = machines.map((m) => cellsOf(m, spend.get(m.id)))
  const widthOf = (column: Column): number => Math.max(column.length, ...all.map((row) => textWidth(row[column].text)))
  const fixed = (columns: readonly Column[]): number =>
    columns.filter((c) => c !== 'WRONG FIRST').reduce((sum, c) => sum + widthOf(c) + GAP, 0)
  let head: readonly Column[] = COLUMNS
  const wanted = Math.min(ISSUE_WANTS, widthOf('WRONG FIRST'))
  for (const column of DISPENSABLE) if (fixed(head) + wanted > width) head = head.filter((name) => name !== column)
  const room = Math.max(ISSUE_LEAST, Math.min(ISSUE_MOST, width - fixed(head)))
  const fitted = (row: (typeof all)[number], column: Column): Cell =>
    column === 'WRONG FIRST' ? { ...row[column], text: shortened(row[column].text, room) } : row[column]
  const fits = all.length === 0 || fixed(head) + Math.min(room, widthOf('WRONG FIRST')) <= width
  return { head, rows: all.map((row) => head.map((column) => fitted(row, column))), fits }
}

const NAMED: Partial<Record<Column, string>> = { CPU: 'cpu ', MEM: 'mem ', DISK: 'disk ', LOAD5: 'load ' }

/** Puts words into lines of at most `width` columns; what does not fit goes on, set in, below. */
const packed = (words: readonly Cell[], gap: string, paint: Paint, width: number, first = ''): string => {
  let used = first.length
  let text = first
  for (const [at, word] of words.entries()) {
    const wide = textWidth(word.text)
    const onward = at > 0 && used + gap.length + wide > width
    text += `${onward ? '\n  ' : at > 0 ? gap : ''}${paintCell(paint, word)}`
    used = onward ? 2 + wide : used + (at > 0 ? gap.length : 0) + wide
  }
  return text
}

/** The fleet where no table fits: a few lines of each machine, and nothing left out. */
export const fleetList = (
  machines: readonly FleetLine[],
  spend: ReadonlyMap<string | null, MachineSpend>,
  paint: Paint,
  width: number,
): string =>
  machines
    .flatMap((m) => {
      const cells = cellsOf(m, spend.get(m.id))
      const told = COLUMNS.filter(
        (c) => c === 'MACHINE' || (c !== 'WRONG FIRST' && cells[c].text !== '-' && cells[c].text !== '?'),
      )
      const facts = told.map((c) =>
        cell(`${NAMED[c] ?? ''}${cells[c].text}`, c === 'MACHINE' ? 'strong' : cells[c].tone),
      )
      const issue = cells['WRONG FIRST']
      const words = shortened(issue.text, ISSUE_MOST).split(' ')
      return [
        packed(facts, ' '.repeat(GAP), paint, width),
        ...(issue.text === ''
          ? []
          : [
              packed(
                words.map((text) => ({ ...issue, text })),
                ' ',
                paint,
                width,
                '  ',
              ),
            ]),
      ]
    })
    .join('\n')

/** The line that says what the signs in AGENTS mean; only those that are shown. */
export const legend = (machines: readonly FleetLine[]): string => {
  const shown = SIGNS.filter(([state]) => machines.some((m) => (m.agents[state] ?? 0) > 0))
  return shown.map(([state, sign]) => `${sign} ${state.replaceAll('_', ' ')}`).join('  ')
}

export const paintCell = (paint: Paint, { text, tone }: Cell): string =>
  tone === null || text === '' ? text : paint(tone, text)
