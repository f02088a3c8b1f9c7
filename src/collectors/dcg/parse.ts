import * as z from 'zod'
import type { Row } from '../../core/rows.ts'
import type { Kinds } from '../database-ask.ts'
import type { Page, PageAbout } from '../database-look.ts'
import { foreignCount, foreignId, foreignText, foreignTime } from '../foreign-cells.ts'

export const DcgState = z.object({
  lastId: z.string().regex(/^\d{1,19}$/),
  /** Layout of the file, as it numbers itself; null where it does not. */
  version: z.number().nullable(),
})
export type DcgState = z.infer<typeof DcgState>

export const FRESH_DCG: DcgState = { lastId: '0', version: null }

type Raw = Readonly<Record<string, unknown>>

const DECISIONS = new Set(['deny', 'warn', 'bypass'])

/** Rows of one look. A decision this vc does not know is kept as it is written: it was not "allow". */
export const parseDcg = (kinds: Kinds, state: DcgState, { path, rows: pageRows }: PageAbout): Page<DcgState> => {
  const head = kinds.get('head')?.[0] ?? {}
  const raw = kinds.get('event') ?? []
  const rows = raw.map((one) => eventRow(one, path)).filter((row) => row !== null)
  const maxId = foreignId(head.max_id)
  const full = raw.length >= pageRows
  const seen = raw.map((one) => foreignId(one.id) ?? '0').reduce(larger, state.lastId)
  return {
    batches: rows.length === 0 ? [] : [{ table: 'dcg_events', rows }],
    // A full page ends at its last row; else everything up to the newest command was judged, the allowed ones too.
    state: { lastId: full || maxId === null ? seen : larger(seen, maxId), version: foreignCount(head.version) },
    more: full,
    // Pruning leaves the newest rows, and an emptied file none.
    restart: maxId !== null && BigInt(maxId) < BigInt(state.lastId),
    unreadable: raw.length - rows.length,
  }
}

const larger = (a: string, b: string): string => (BigInt(b) > BigInt(a) ? b : a)

const eventRow = (raw: Raw, path: string): Row | null => {
  const id = foreignId(raw.id)
  const ts = foreignTime(raw.ts)
  const decision = foreignText(raw.outcome, 16)
  if (id === null || ts === null || decision === null) return null
  const pack = foreignText(raw.pack, 128)
  const pattern = foreignText(raw.pattern, 128)
  return {
    database_path: path,
    event_id: id,
    ts,
    decision,
    rule_id: foreignText(raw.rule) ?? (pack !== null && pattern !== null ? `${pack}:${pattern}` : null),
    pack_id: pack,
    pattern_name: pattern,
    severity: foreignText(raw.severity, 16),
    cwd: foreignText(raw.cwd, 4096),
    agent_type: foreignText(raw.agent, 64),
    allowlist_layer: foreignText(raw.layer, 64),
    command_hash: foreignText(raw.hash, 64),
    command_program: programOf(raw.program),
    command_chars: foreignCount(raw.chars),
    command_lines: foreignCount(raw.lines),
    eval_us: foreignCount(raw.eval_us),
  }
}

/** The name without its folders. */
const programOf = (value: unknown): string | null =>
  foreignText(
    String(value ?? '')
      .split('/')
      .at(-1),
    64,
  )

/** Whether this vc knows the decision. */
export const isKnownDecision = (decision: unknown): boolean => typeof decision === 'string' && DECISIONS.has(decision)
