import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { asObject, type Json } from '../accounts/observation.ts'

/** One status line with limits, as the tee cut it down. */
export interface StatusLine {
  readonly at: Date
  readonly sessionId: string
  readonly rateLimits: Json
}

export interface HookLines {
  readonly events: readonly Row[]
  readonly statusLines: readonly StatusLine[]
  /** Lines that are none of the tee's. */
  readonly foreign: number
}

const CLIS = new Set(['claude', 'codex', 'gemini'])

const word = (value: unknown, max = 100): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null

const readLine = (line: string): Json | null => {
  try {
    const json = asObject(JSON.parse(line))
    const at = new Date(typeof json?.ts === 'string' ? json.ts : Number.NaN)
    return json?.v === 1 && CLIS.has(String(json.cli)) && !Number.isNaN(at.getTime()) ? json : null
  } catch {
    return null
  }
}

const eventRow = (json: Json, event: string): Row => ({
  ts: new Date(String(json.ts)),
  cli: String(json.cli),
  session_id: word(json.session_id) ?? '',
  event,
  detail: word(json.kind) ?? word(json.error) ?? word(json.source) ?? word(json.reason) ?? word(json.agent_type) ?? '',
  tool: word(json.tool),
  permission_mode: word(json.mode),
})

/** Whole lines of the tee's files. A line anyone else wrote counts as foreign and brings no row. */
export function parseHookLines(text: string): HookLines {
  const events: Row[] = []
  const statusLines: StatusLine[] = []
  let foreign = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const json = line.length > 8_192 ? null : readLine(line)
    const event = word(json?.event)
    const rateLimits = asObject(json?.rate_limits)
    if (json === null) foreign += 1
    else if (event !== null) events.push(eventRow(json, event))
    else if (json.from === 'statusline' && rateLimits !== null)
      statusLines.push({ at: new Date(String(json.ts)), sessionId: word(json.session_id) ?? '', rateLimits })
  }
  return { events, statusLines, foreign }
}
