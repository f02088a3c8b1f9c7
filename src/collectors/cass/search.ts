import type { Answer, ScriptAsk } from '../../core/ask.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'
import { countOf, epochMsOf, type JsonObject, objectOf, objectsOf, parseExact, stringOf } from '../foreign-json.ts'
import { sh } from '../sh.ts'
import { parseSections, toolScript, troubleOf } from '../tool-sections.ts'
import { parseCassError } from './parse.ts'

/** One place in a session where cass found the text. Shown, never stored. */
export interface ContentHit {
  readonly agent: string | null
  readonly title: string | null
  readonly snippet: string | null
  readonly path: string | null
  readonly line: number | null
  readonly workspace: string | null
  /** ISO time. */
  readonly at: string | null
  /** Host of a session that was copied here; null: it began on this machine. */
  readonly origin: string | null
}

export interface ContentHits {
  readonly hits: readonly ContentHit[]
  /** All there are, as cass says; null: it does not. */
  readonly total: number | null
  /** Why there are none, as a sentence; null: cass answered. */
  readonly trouble: string | null
}

const BODY = sh`
begin
find_tool "$1" cass || { finish; return 0; }
export CASS_OUTPUT_FORMAT=json CODING_AGENT_SEARCH_NO_UPDATE_PROMPT=1
unset TOON_DEFAULT_FORMAT
part search 20 "$tool" search "$2" --json --mode lexical --limit "$3" --max-content-length 300 --fields title,snippet,source_path,line_number,agent,workspace,created_at,origin_kind,origin_host
finish
`

/** A search in the index as it is: nothing is indexed, no model is loaded. The text travels as an argument. */
export const cassSearchAsk = (path: string, text: string, limit: number): ScriptAsk => ({
  script: toolScript('cass.search', BODY),
  args: [path, text, String(limit)],
  timeoutMs: 25_000,
  maxBytes: 1024 * 1024,
  slow: true,
})

// Words of people and agents: whatever looks like a secret stays on that machine.
const shown = (value: unknown, max: number): string | null => {
  const text = typeof value === 'string' ? displayText(value.replace(/\s+/g, ' ').trim(), max) : ''
  return text === '' ? null : redact(text)
}

const hitOf = (hit: JsonObject): ContentHit => ({
  agent: stringOf(hit.agent, 64),
  title: shown(hit.title, 120),
  snippet: shown(hit.snippet, 300),
  path: stringOf(hit.source_path, 512),
  line: Number(countOf(hit.line_number) ?? 0) || null,
  workspace: stringOf(hit.workspace, 512),
  at: epochMsOf(hit.created_at)?.toISOString() ?? null,
  origin: hit.origin_kind === 'remote' ? (stringOf(hit.origin_host) ?? 'elsewhere') : null,
})

const none = (trouble: string): ContentHits => ({ hits: [], total: null, trouble: displayText(trouble, 300) })

export const parseCassSearch = (answer: Answer): ContentHits => {
  const parsed = parseSections(answer.stdout)
  const wrong = troubleOf(answer, parsed, 'cass')
  if (wrong !== null || parsed.is === 'no_begin') return none(wrong?.detail ?? wrong?.fault ?? 'no answer')
  const section = parsed.sections.get('search')
  if (section === undefined || section.code === null) return none(answer.detail ?? 'cass gave no answer in time')
  const found = section.code === 0 ? objectOf(parseExact(section.out)) : null
  if (found === null || !Array.isArray(found.hits)) {
    const error = parseCassError(section)
    if (error !== null) return none(`cass says ${error.kind}: ${error.message}`)
    return none(section.code === 124 ? 'cass gave no answer in time' : `cass search ended with ${section.code}`)
  }
  const total = countOf(found.total_matches)
  return { hits: objectsOf(found.hits).map(hitOf), total: total === null ? null : Number(total), trouble: null }
}
