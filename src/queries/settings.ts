import * as z from 'zod'
import { historyReaches } from '../store/index.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { readAgentConfig, readAgentConfigFiles } from './fleet-rows.ts'
import { atParam, cliParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime } from './shapes.ts'

const KINDS = ['setting', 'mcp_server', 'hook', 'permission'] as const
const SCOPES = ['default', 'global', 'project', 'local'] as const

const entryLine = z.object({
  machine: z.string(),
  cli: z.string(),
  scope: z
    .enum(SCOPES)
    .describe('default: set for the whole machine; global: of the user; local: of one user in one project'),
  project: z.string().nullable().describe('null: everywhere'),
  kind: z.enum(KINDS),
  name: z.string(),
  value: z.string().nullable().describe('of harmless settings only; a hook shows what it matches'),
  value_hash: z.string().nullable().describe('changes when the value does; it tells nothing of it'),
  value_length: count.nullable().describe('bytes'),
  items: count.nullable().describe('length of a list; of a server: its arguments'),
  enabled: z.boolean().nullable().describe('null: not said'),
  transport: z.string().nullable().describe('stdio | http | sse'),
  command: z.string().nullable().describe('name of the program, without folder and arguments'),
  host: z.string().nullable(),
  env_names: z.array(z.string()).describe('names only: values never leave the machine'),
  header_names: z.array(z.string()),
  file: z.string(),
  collected_at: isoTime,
  change: z
    .enum(['appeared', 'changed'])
    .nullable()
    .describe('what it did since the time given as since; null: nothing, or not asked'),
})

const fileLine = z.object({
  machine: z.string(),
  cli: z.string(),
  scope: z.enum(SCOPES),
  project: z.string().nullable(),
  file: z.string(),
  state: z.string().describe('ok | broken | denied | linked (not followed) | too_large | foreign (no plain file)'),
  detail: z.string().nullable(),
  bytes: count.nullable(),
  modified: isoTime.nullable(),
  entries: count.nullable(),
  collected_at: isoTime,
})

const scopeOf = (level: string): (typeof SCOPES)[number] => SCOPES.find((scope) => scope === level) ?? 'global'
const kindOf = (kind: string): (typeof KINDS)[number] => KINDS.find((known) => known === kind) ?? 'setting'

export const settings = defineQuery({
  name: 'settings',
  version: 1,
  summary: 'What agent CLIs are set to: models, permissions, hooks and MCP servers, without any secret',
  sources: ['agent_config'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    cli: cliParam,
    kind: z.enum(KINDS).optional(),
    since: z.string().optional().describe('marks what changed since then: an age such as 24h, or ISO time'),
    limit: z.coerce
      .number()
      .int()
      .min(0)
      .max(100_000)
      .default(100)
      .describe('most settings, and most files, listed; those that changed since are all'),
  }),
  data: z.object({
    settings: z.array(entryLine),
    total: count.describe('settings, before limit'),
    files: z.array(fileLine).describe('those that could not be read first'),
    files_total: count.describe('files, before limit'),
    gone: z.array(entryLine).describe('what stood there at the time given as since, and no longer does'),
    since: isoTime.nullable().describe('what changes are told from; null: not asked, or vc did not look yet'),
  }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const since = params.since === undefined ? null : parseMoment(params.since, at ?? ctx.now)
    const [entries, files, before] = await Promise.all([
      readAgentConfig(ctx, at, params.machine),
      readAgentConfigFiles(ctx, at, params.machine),
      readBefore(ctx, since, params.machine),
    ])
    const wanted = (row: { readonly cli: string }): boolean => params.cli === undefined || row.cli === params.cli
    const asked = (row: EntryRow): boolean => wanted(row) && (params.kind === undefined || row.kind === params.kind)
    const known = before === null ? null : new Map(before.map((row) => [keyOf(row), row]))
    const standing = new Set(entries.map(keyOf))
    const told = entries.filter(asked).map((row) => ({ ...lineOf(row), change: changeOf(row, known) }))
    const source = files.filter(wanted).toSorted((a, b) => Number(a.state === 'ok') - Number(b.state === 'ok'))
    const unchanged = new Set(told.filter((line) => line.change === null).slice(0, params.limit))
    return {
      warnings:
        since !== null && before === null
          ? [
              warning(
                'no_history',
                `vc had not begun to look at ${since.toISOString()}, so what changed since is not known`,
                'ask for a later time',
              ),
            ]
          : [],
      data: {
        since: before === null ? null : (since?.toISOString() ?? null),
        settings: told.filter((line) => line.change !== null || unchanged.has(line)),
        total: told.length,
        gone: (before ?? []).filter((row) => asked(row) && !standing.has(keyOf(row))).map(lineOf),
        files_total: source.length,
        files: source.slice(0, params.limit).map((row) => ({
          machine: row.machine_id,
          cli: row.cli,
          scope: scopeOf(row.level),
          project: row.project_path,
          file: row.source_file,
          state: row.state,
          detail: row.detail,
          bytes: row.bytes,
          modified: row.modified_at,
          entries: row.entries,
          collected_at: row.collected_at,
        })),
      },
    }
  },
})

type EntryRow = Awaited<ReturnType<typeof readAgentConfig>>[number]

/** What stood there then; null when nobody asked, or vc did not look yet. */
const readBefore = async (
  ctx: QueryContext,
  since: Date | null,
  machineId: string | undefined,
): Promise<readonly EntryRow[] | null> =>
  since === null || !(await historyReaches(ctx.db, since)) ? null : readAgentConfig(ctx, since, machineId)

const keyOf = (row: EntryRow): string =>
  [row.machine_id, row.source_file, row.project_path, row.kind, row.name].join('\u0001')

// A value is told by its hash: what is hidden changes visibly too.
const TOLD = [
  'value',
  'value_hash',
  'value_length',
  'items',
  'enabled',
  'transport',
  'command',
  'url_host',
  'env_names',
] as const

const changeOf = (row: EntryRow, known: ReadonlyMap<string, EntryRow> | null): 'appeared' | 'changed' | null => {
  if (known === null) return null
  const other = known.get(keyOf(row))
  if (other === undefined) return 'appeared'
  return TOLD.some((name) => other[name] !== row[name]) ? 'changed' : null
}

const lineOf = (row: EntryRow): z.infer<typeof entryLine> => ({
  machine: row.machine_id,
  cli: row.cli,
  scope: scopeOf(row.level),
  project: row.project_path === '' ? null : row.project_path,
  kind: kindOf(row.kind),
  name: row.name,
  value: row.value,
  value_hash: row.value_hash,
  value_length: row.value_length,
  items: row.items,
  enabled: row.enabled,
  transport: row.transport,
  command: row.command,
  host: row.url_host,
  env_names: namesOf(row.env_names),
  header_names: namesOf(row.header_names),
  file: row.source_file,
  collected_at: row.collected_at,
  change: null,
})

const namesOf = (json: string | null): string[] => {
  try {
    return z.array(z.string()).parse(JSON.parse(json ?? '[]'))
  } catch {
    return []
  }
}
