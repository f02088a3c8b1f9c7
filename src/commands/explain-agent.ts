import type { Cell, Row } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import type { BundleVerdict, JudgedSighting } from './explain-bundle.ts'

/** What the store knows of one agent: newest rows only. */
export interface AgentRows {
  readonly agent: Row
  readonly state: Row | null
  readonly pane: Row | null
  readonly processes: readonly Row[]
  readonly session: Row | null
  readonly aliases: readonly Row[]
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type Explanation = { readonly [key: string]: JsonValue }

const plain = (cell: Cell | undefined): JsonValue => {
  if (cell === undefined || cell === null) return null
  if (cell instanceof Date) return cell.toISOString()
  return typeof cell === 'bigint' ? Number(cell) : cell
}

const plainRow = (row: Row | null): JsonValue =>
  row === null ? null : Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, plain(cell)]))

const parsed = (cell: Cell | undefined): JsonValue => {
  if (typeof cell !== 'string') return null
  try {
    return JSON.parse(cell) as JsonValue
  } catch {
    return null
  }
}

const processJson = (row: Row): JsonValue => ({
  pid: plain(row.pid),
  ppid: plain(row.ppid),
  start_ticks: plain(row.start_ticks),
  comm: null,
  argv0: plain(row.argv0),
  script: plain(row.script),
  tty: plain(row.tty),
  state: plain(row.state),
  detached: plain(row.detached),
})

/**
 * The evidence of one agent from stored rows, in the form of an evidence bundle: `vc explain --from` judges it again to
 * the same state. Screens and transcript records are never stored; the sightings they led to are.
 */
export function explainAgent(rows: AgentRows): Explanation {
  const winner = parsed(rows.state?.winner_json)
  const losers = parsed(rows.state?.losers_json)
  return {
    id: plain(rows.agent.agent_id),
    cli: plain(rows.agent.cli),
    cli_version: plain(rows.agent.cli_version),
    captured_at: plain(rows.state?.judged_at),
    verdict: {
      state: plain(rows.state?.state) ?? 'unknown',
      reason: plain(rows.state?.reason),
      rule: plain(rows.state?.rule),
      since: plain(rows.state?.since),
      until: plain(rows.state?.until_at),
    },
    sightings: [...(winner === null ? [] : [winner]), ...(Array.isArray(losers) ? losers : [])],
    agent: plainRow(rows.agent),
    aliases: rows.aliases.map((row) => plain(row.alias)),
    pane: plainRow(rows.pane),
    processes: rows.processes.map(processJson),
    screen: null,
    screen_ansi: null,
    live_state: {},
    transcript_path: plain(rows.session?.transcript_path),
    transcript_tail: null,
    not_stored: ['screen', 'screen_ansi', 'live_state', 'transcript_tail'],
  }
}

const ago = (seconds: number | undefined): string => {
  if (seconds === undefined) return 'age unknown'
  if (seconds < 0) return `${-seconds} s ahead of the capture`
  if (seconds < 120) return `${seconds} s old`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min old` : `${Math.round(seconds / 3_600)} h old`
}

const line = (sighting: JudgedSighting, ages: BundleVerdict['ages']): string => {
  const reason = sighting.reason === null ? '' : ` (${displayText(sighting.reason)})`
  const { source, says, rule } = sighting
  return `${displayText(source)} says ${says}${reason}, ${ago(ages[source])}, rule ${displayText(rule)}`
}

/** The verdict for people: state, why, who won, who lost and how old each word is. */
export function renderVerdict(id: string, verdict: BundleVerdict): string {
  const until = verdict.until === undefined ? '' : `, until ${verdict.until}`
  const why = verdict.reason === undefined ? '' : ` (${displayText(verdict.reason)})`
  const winner = verdict.winner === null ? 'no source settled it' : line(verdict.winner, verdict.ages)
  const losers = verdict.losers.map((sighting) => `  lost: ${line(sighting, verdict.ages)}`)
  return [`${displayText(id)}: ${verdict.state}${why}${until}`, `  won:  ${winner}`, ...losers].join('\n')
}

/** What vc last judged and stored of an agent. */
export interface StoredState {
  readonly state: string
  readonly rule: string | null
  readonly judged_at: string | null
}

export const storedState = ({ state }: AgentRows): StoredState => {
  const [name, rule, judgedAt] = [plain(state?.state), plain(state?.rule), plain(state?.judged_at)]
  return {
    state: typeof name === 'string' ? name : 'unknown',
    rule: typeof rule === 'string' ? rule : null,
    judged_at: typeof judgedAt === 'string' ? judgedAt : null,
  }
}

/** A line for people when the look of now and the stored state do not agree. */
export const differing = (verdict: BundleVerdict, stored: StoredState): readonly string[] => {
  if (stored.state === verdict.state) return []
  const when = stored.judged_at === null ? 'never judged before' : `judged ${stored.judged_at}`
  return [`  note: stored is ${stored.state} (${when}, rule ${stored.rule ?? 'none'})`]
}
