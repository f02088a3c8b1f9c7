import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { askDatabase, type Columns } from '../database-ask.ts'
import { textCell } from '../row-cells.ts'
import { parseSections, type ToolText, toolPath, toolScript, troubleOf, warnUnknown } from '../tool-sections.ts'
import { toolVersion } from '../tool-version.ts'
import { type NtmList, parseNtmList } from './list.ts'
import { activityRow, eventRows, isDefaultServer, sessionRows, type TmuxAround } from './rows.ts'
import { NTM_BODY } from './script.ts'
import { EVENTS_PER_LOOK, type NtmState, parseState, STATE_REQUIRED, STATE_TABLES, stateSql } from './state.ts'

const TESTED = '1.29.3'

interface Kept {
  readonly path: string
  readonly cursor: number
  readonly columns: Columns | null
}

/** Sessions ntm manages and the events it noticed. Its states, health and events come from its own database, read only. */
export const ntm = defineCollector({
  name: 'ntm',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['ntm_sessions_snapshot', 'ntm_activity_snapshot', 'ntm_events'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 40_000,
  needs: [['ntm']],
  tested: { ntm: TESTED },
  reads: { commands: ['ntm list --json'], files: ['state.db, read-only'] },
  about: 'Sessions and agents as ntm names them, and its attention events; runs `ntm list --json` in a throwaway home',
  async collect(ctx) {
    const answer = await ctx.run({
      script: toolScript('ntm.list', NTM_BODY),
      args: [toolPath(ctx, 'ntm')],
      timeoutMs: 15_000,
      maxBytes: 1024 * 1024,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'ntm')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    const { version, cursors } = await toolVersion(ctx, 'ntm', TESTED)
    const around = await tmuxAround(ctx)
    const state = await stateOf(ctx, parsed.sections.get('state')?.out.trim() ?? '')
    const list = listOf(parsed, answer.fault)
    const result = await resultOf(ctx, list, state.state, around)
    return {
      ...result,
      batches: [...result.batches, ...eventBatches(state.state, around)],
      cursors: [...cursors, ...state.cursors],
      ...(version === null ? {} : { sourceVersion: version }),
    }
  },
})

const eventBatches = (state: NtmState | null, around: TmuxAround): readonly RowBatch[] =>
  state === null || state.events.length === 0 ? [] : [{ table: 'ntm_events', rows: eventRows(state.events, around) }]

type Listed =
  | NtmList
  | { readonly is: 'fault'; readonly fault: NonNullable<CollectResult['fault']>; readonly detail: string }

const listOf = (text: ToolText, fault: CollectResult['fault']): Listed => {
  const section = text.sections.get('list')
  if (section === undefined || section.code === null)
    return { is: 'fault', fault: fault ?? 'truncated', detail: 'ntm list did not come to its end' }
  if (section.code === 124) return { is: 'fault', fault: 'timeout', detail: 'ntm list took more than 10 s' }
  const list = parseNtmList(section.out)
  if (list.is !== 'foreign' || section.code === 0) return list
  return {
    is: 'fault',
    fault: 'exit_code',
    detail: displayText(`exit ${section.code}: ${section.err || section.out}`, 200),
  }
}

const resultOf = async (
  ctx: CollectContext,
  list: Listed,
  state: NtmState | null,
  around: TmuxAround,
): Promise<CollectResult> => {
  if (list.is === 'fault') return { batches: [], fault: list.fault, detail: list.detail }
  if (list.is === 'foreign') return { batches: [], fault: 'bad_output', detail: 'not what ntm list --json prints' }
  if (list.is === 'refused') {
    const fault = list.code === 'INVALID_FLAG' ? 'incompatible_version' : 'exit_code'
    return { batches: [], fault, detail: `${list.code}: ${list.message}` }
  }
  warnUnknown(ctx, 'ntm', list.unknown)
  if (list.unreadable > 0)
    ctx.warn(
      'ntm_unreadable',
      `${list.unreadable} sessions of ntm list have no name vc can read`,
      'see `ntm list --json` there',
    )
  // ntm shows every session of the default tmux server; where it sees none and vc sees some, it could not look
  if (list.sessions.length === 0 && around.panes.length > 0)
    return { batches: [], fault: 'bad_output', detail: 'ntm lists no session, but tmux has some: it could not look' }
  return {
    batches: [
      { table: 'ntm_sessions_snapshot', rows: sessionRows(list.sessions, state, around) },
      { table: 'ntm_activity_snapshot', rows: [activityRow(list.sessions, state)] },
    ],
  }
}

const tmuxAround = async (ctx: CollectContext): Promise<TmuxAround> => {
  const [panes, aliases] = await Promise.all([ctx.known('latest_pty_panes'), ctx.known('agent_aliases')])
  return {
    panes: panes.filter((row) => row.source === 'tmux' && isDefaultServer(row)),
    agentIds: new Map(
      aliases.flatMap((row) => {
        const [alias, id] = [textCell(row.alias), textCell(row.agent_id)]
        return alias === null || id === null ? [] : [[alias, id] as const]
      }),
    ),
  }
}

const keptOf = (value: unknown, path: string): Kept => {
  const fresh: Kept = { path, cursor: 0, columns: null }
  if (typeof value !== 'object' || value === null) return fresh
  const { path: before, cursor, columns } = value as Partial<Kept>
  if (before !== path || !Number.isSafeInteger(cursor)) return fresh
  return {
    path,
    cursor: cursor ?? 0,
    columns: Array.isArray(columns) && columns.every((name) => typeof name === 'string') ? columns : null,
  }
}

interface StateLook {
  readonly state: NtmState | null
  readonly cursors: readonly CursorChange[]
}

/** ntm's database after the last cursor; a database that began anew is read from its start. */
const stateOf = async (ctx: CollectContext, path: string): Promise<StateLook> => {
  if (!path.startsWith('/') || path.includes('\n')) return { state: null, cursors: [] }
  const look = async (kept: Kept): Promise<StateLook> => {
    const question = { path, tables: STATE_TABLES, required: STATE_REQUIRED, remembered: kept.columns }
    const answer = await askDatabase(ctx, { ...question, sql: (columns) => stateSql(columns, kept.cursor) })
    if (answer.is === 'missing') return { state: null, cursors: [] }
    if (answer.is === 'fault') {
      ctx.warn(
        'ntm_state',
        `ntm's states and events could not be read: ${displayText(answer.detail, 200)}`,
        'install sqlite3 there, or see whether its database is whole',
      )
      return { state: null, cursors: [] }
    }
    const state = parseState(answer.kinds, ctx.startedAt)
    if (kept.cursor > 0 && (state.lastCursor ?? 0) < kept.cursor) return look({ ...kept, cursor: 0 })
    if (state.events.length === EVENTS_PER_LOOK)
      ctx.warn(
        'ntm_events_behind',
        `more than ${EVENTS_PER_LOOK} events of ntm wait; the rest comes with the next looks`,
        'nothing to do',
      )
    const cursor = state.events.reduce((last, event) => Math.max(last, event.cursor), kept.cursor)
    return { state, cursors: [{ key: 'state', value: { path, cursor, columns: answer.columns } }] }
  }
  return look(keptOf(ctx.cursors.get('state'), path))
}
