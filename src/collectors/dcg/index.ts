import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { parseFound } from '../database-find.ts'
import { type DatabaseSource, lookAt } from '../database-look.ts'
import { toolVersion } from '../tool-version.ts'
import { DcgState, FRESH_DCG, isKnownDecision, parseDcg } from './parse.ts'
import { DCG_REQUIRED, DCG_TABLES, DCG_TESTED_SCHEMA, dcgSql, PAGE_EVENTS } from './query.ts'
import { DCG_FIND } from './script.ts'

const TESTED_DCG = '0.4.1'

const SOURCE: DatabaseSource<DcgState> = {
  tables: DCG_TABLES,
  required: DCG_REQUIRED,
  state: DcgState,
  fresh: FRESH_DCG,
  pageRows: PAGE_EVENTS,
  sql: (state, columns, { rows }) => dcgSql(state.lastId, columns, rows),
  parse: parseDcg,
}

const optionPath = (ctx: CollectContext): string =>
  typeof ctx.options.history_db === 'string' ? ctx.options.history_db : ''

const warnAbout = (ctx: CollectContext, look: Awaited<ReturnType<typeof lookAt>>): void => {
  const state = DcgState.safeParse((look.cursors[0]?.value as { state?: unknown } | undefined)?.state)
  const version = state.success ? state.data.version : null
  if (version !== null && version > DCG_TESTED_SCHEMA)
    ctx.warn(
      'newer_layout',
      `the history of dcg on ${ctx.machine.id} has layout ${version}: tested up to ${DCG_TESTED_SCHEMA}`,
      'a newer vc may know it',
    )
  const odd = look.batches.flatMap(({ rows }) => rows).find((row) => !isKnownDecision(row.decision))
  if (odd !== undefined)
    ctx.warn(
      'unknown_decision',
      `dcg on ${ctx.machine.id} decided “${String(odd.decision)}”, which this vc does not know`,
      'a newer vc may know it',
    )
}

// The program itself opens its history for writing and may change it, so only the file is read.
const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const answer = await ctx.run({ script: DCG_FIND, args: [optionPath(ctx)], maxBytes: 16_384 })
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const found = parseFound(answer.stdout)
  if (found === null) return { batches: [], fault: 'bad_output', detail: 'no closing line from the search' }
  const [first] = found
  if (first === undefined) {
    const on = /^enabled\ttrue$/m.test(decodeUtf8(answer.stdout))
    return {
      batches: [],
      detail: on
        ? 'history enabled, nothing written yet'
        : 'history disabled: dcg keeps none unless [history] enabled = true in its config.toml',
    }
  }
  const look = await lookAt(ctx, first, SOURCE)
  warnAbout(ctx, look)
  const tool = await toolVersion(ctx, 'dcg', TESTED_DCG)
  return {
    batches: look.batches,
    cursors: [...tool.cursors, ...look.cursors],
    fault: look.fault,
    detail: look.detail,
    partial: look.fault !== null && look.batches.length > 0,
    ...(tool.version === null ? {} : { sourceVersion: tool.version }),
  }
}

export const dcg = defineCollector({
  name: 'dcg',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['dcg_events'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 60_000,
  needs: [['dcg']],
  tested: { dcg: TESTED_DCG },
  reads: { files: ['~/.config/dcg/history.db, read-only'] },
  about:
    'Commands that Destructive Command Guard denied, warned about or let pass by exception: rule, decision, hash and shape from its history database, never the command',
  collect,
})
