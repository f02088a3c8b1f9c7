import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { parseFound } from '../database-find.ts'
import { type DatabaseSource, lookAt } from '../database-look.ts'
import { toolVersion } from '../tool-version.ts'
import { FRESH_RANO, parseRano, RanoState } from './parse.ts'
import { PAGE_EVENTS, RANO_REQUIRED, RANO_TABLES, ranoSql } from './query.ts'
import { RANO_FIND } from './script.ts'

const TESTED_RANO = '0.1.0'
const WINDOW_MS = 86_400_000
const MOST_DATABASES = 4

const SOURCE: DatabaseSource<RanoState> = {
  tables: RANO_TABLES,
  required: RANO_REQUIRED,
  state: RanoState,
  fresh: FRESH_RANO,
  pageRows: PAGE_EVENTS,
  sql: (state, columns, { at, rows }) =>
    ranoSql({ lastId: state.lastId, windowFrom: new Date(at.getTime() - WINDOW_MS), rows }, columns),
  parse: parseRano,
}

const named = (ctx: CollectContext): readonly string[] =>
  Array.isArray(ctx.options.databases) ? ctx.options.databases.map(String) : []

// `rano export` opens the database for writing and compares times as text; `rano` alone starts observing. Neither is run.
const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const answer = await ctx.run({ script: RANO_FIND, args: named(ctx), maxBytes: 16_384 })
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const found = parseFound(answer.stdout)
  if (found === null) return { batches: [], fault: 'bad_output', detail: 'no closing line from the search' }
  if (found.length === 0)
    return {
      batches: [],
      detail: 'rano is installed, but no database of it is known: name it in [collectors.rano] databases',
    }
  if (found.length > MOST_DATABASES)
    ctx.warn(
      'many_databases',
      `${found.length} databases of rano on ${ctx.machine.id}; read are the first ${MOST_DATABASES}`,
      'name those to read in [collectors.rano] databases = ["…"]',
    )
  const looks = await Promise.all(found.slice(0, MOST_DATABASES).map((one) => lookAt(ctx, one, SOURCE)))
  const tool = await toolVersion(ctx, 'rano', TESTED_RANO)
  const faulty = looks.find(({ fault }) => fault !== null)
  return {
    batches: looks.flatMap(({ batches }) => batches),
    cursors: [...tool.cursors, ...looks.flatMap(({ cursors }) => cursors)],
    fault: faulty?.fault ?? null,
    detail: faulty?.detail ?? looks.find(({ detail }) => detail !== null)?.detail ?? null,
    partial: faulty !== undefined && looks.some(({ batches }) => batches.length > 0),
    ...(tool.version === null ? {} : { sourceVersion: tool.version }),
  }
}

export const rano = defineCollector({
  name: 'rano',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['rano_events', 'net_session_summary'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 60_000,
  needs: [['rano']],
  tested: { rano: TESTED_RANO },
  reads: { files: ['databases of rano, read-only', '~/.config/rano/config.conf'] },
  about:
    'Connections that agents opened and closed, from the databases the network observer rano wrote, read-only; command lines stay where they are, and nobody counts bytes',
  collect,
})
