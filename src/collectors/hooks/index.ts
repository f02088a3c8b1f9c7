import type { FileStat } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { claudeStatusLine } from '../accounts/claude.ts'
import { asNumber, asObject } from '../accounts/observation.ts'
import { textCell, timeOf } from '../row-cells.ts'
import { sh } from '../sh.ts'
import { parseHookLines, type StatusLine } from './parse.ts'

const WHERE_SCRIPT = sh`# vc:ask hooks.where
d=\${XDG_DATA_HOME:-$HOME/.local/share}/vc/hooks/events
[ -d "$d" ] && printf '%s\n' "$d"
exit 0
`
/** Whether a person installed or removed the tee is looked up this often. */
const WHERE_EVERY_MS = 300_000
const MAX_BYTES = 1_000_000

interface Place {
  readonly dir: string
  readonly lookedMs: number
}

const placeOf = (value: unknown): Place | null => {
  const json = asObject(value)
  const lookedMs = asNumber(json?.lookedMs)
  return typeof json?.dir === 'string' && lookedMs !== null ? { dir: json.dir, lookedMs } : null
}

/** Where the tee writes on that machine; an empty dir when nobody installed it. A fault keeps the last answer. */
async function whereOf(ctx: CollectContext): Promise<Place | { readonly failed: CollectResult }> {
  const known = placeOf(ctx.cursors.get('where'))
  if (known !== null && ctx.startedAt.getTime() - known.lookedMs < WHERE_EVERY_MS) return known
  const answer = await ctx.run({ script: WHERE_SCRIPT, timeoutMs: 5_000, maxBytes: 8_192 })
  if (answer.fault !== null) return { failed: { batches: [], fault: answer.fault, detail: answer.detail } }
  const dir = decodeUtf8(answer.stdout).split('\n')[0] ?? ''
  return { dir: dir.startsWith('/') ? dir : '', lookedMs: ctx.startedAt.getTime() }
}

// The tee names its files after the day in UTC; a machine's clock may be a little ahead.
const daysAround = (now: Date): readonly string[] =>
  [-1, 0, 1].map((days) => `${new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10)}.jsonl`)

interface Tail {
  readonly text: string
  readonly cursor: CursorChange | null
}

const NOTHING: Tail = { text: '', cursor: null }

/** Whole lines behind the cursor. A file that was replaced or cut starts over; what it repeats is known already. */
async function tailOf(ctx: CollectContext, stat: FileStat): Promise<Tail> {
  if (!('inode' in stat) || stat.is !== 'file') return NOTHING
  const key = stat.path.slice(stat.path.lastIndexOf('/') + 1)
  const known = asObject(ctx.cursors.get(key))
  const read = known?.inode === stat.inode ? (asNumber(known.offset) ?? 0) : 0
  const offset = read > stat.size ? 0 : read
  if (offset === stat.size) return NOTHING
  const answer = await ctx.readRange({ path: stat.path, offset, maxBytes: MAX_BYTES, inode: stat.inode })
  if (answer.is !== 'bytes') return NOTHING
  const end = answer.bytes.lastIndexOf(10) + 1
  // a line longer than a whole range is nobody's of ours: step over it
  const taken = end === 0 && answer.bytes.length === MAX_BYTES ? MAX_BYTES : end
  if (taken === 0) return NOTHING
  const cursor = { key, value: { inode: stat.inode, offset: offset + taken } }
  return { text: decodeUtf8(answer.bytes.subarray(0, end)), cursor }
}

/** The account Claude was logged in to when it last wrote its own cache: the status line itself names none. */
const loginOf = (known: readonly Row[]): { readonly key: string | null; readonly label: string | null } => {
  const [newest] = known
    .filter((row) => row.provider === 'anthropic' && !String(row.account_key).startsWith('unknown@'))
    .toSorted((a, b) => (timeOf(b.observed_at) ?? 0) - (timeOf(a.observed_at) ?? 0))
  return { key: textCell(newest?.account_key), label: textCell(newest?.account_label) }
}

async function limitRows(ctx: CollectContext, lines: readonly StatusLine[]): Promise<readonly Row[]> {
  if (lines.length === 0) return []
  const { key, label } = loginOf(await ctx.known('latest_account_usage'))
  const account = { machineId: ctx.machine.id, accountKey: key, accountLabel: label }
  return lines.flatMap((line) => claudeStatusLine({ rate_limits: line.rateLimits }, line.at, account))
}

/** What agent CLIs told vc's tee: moments of permission, stop and failure, and Claude's limits seconds after each answer. */
export const hooks = defineCollector({
  name: 'hooks',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['hook_events', 'account_usage_snapshots'],
  interval: { localS: 10, remoteS: 30 },
  timeoutMs: 8_000,
  needs: [],
  reads: { files: ['~/.local/share/vc/hooks/events/DAY.jsonl, written by the hooks a person installed'] },
  about: "What agent CLIs say through vc's own hooks, where a person installed them (vc hooks)",
  async collect(ctx) {
    const where = await whereOf(ctx)
    if ('failed' in where) return where.failed
    const looked = ctx.startedAt.getTime() === where.lookedMs ? [{ key: 'where', value: where }] : []
    if (where.dir === '') return { batches: [], cursors: looked }
    const stats = await ctx.stat(daysAround(ctx.startedAt).map((day) => `${where.dir}/${day}`))
    const tails = await Promise.all(stats.map((stat) => tailOf(ctx, stat)))
    const lines = parseHookLines(tails.map(({ text }) => text).join(''))
    if (lines.foreign > 0)
      ctx.warn(
        'hooks_foreign',
        `${lines.foreign} lines in ${where.dir} are none of the tee's`,
        'look who else writes there',
      )
    const limits = await limitRows(ctx, lines.statusLines)
    return {
      batches: [
        ...(lines.events.length > 0 ? [{ table: 'hook_events', rows: lines.events }] : []),
        ...(limits.length > 0 ? [{ table: 'account_usage_snapshots', rows: limits }] : []),
      ],
      cursors: [...looked, ...tails.flatMap(({ cursor }) => (cursor === null ? [] : [cursor]))],
    }
  },
})
