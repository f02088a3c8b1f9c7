import * as z from 'zod'
import { planVacuum, retention as readRetention } from '../store/index.ts'
import { defineQuery } from './define.ts'
import { flag } from './params.ts'
import { count, isoTime } from './shapes.ts'

const tableLine = z.object({
  table: z.string(),
  keep_days: count.nullable().describe('at full resolution; null: for ever'),
  policy: z
    .enum(['delete', 'copy', 'keep'])
    .describe('delete: days may move to the archive; copy: days are copied there; keep: it stays whole'),
  rows: count,
  bytes: count.describe(
    'whole blocks it takes in the file, at least one (65536 bytes; 262144 in a file of an older vc); not yet in it: 0',
  ),
  oldest: isoTime.nullable(),
  archived_days: count,
  archived_rows: count,
  archived_bytes: count,
  late_refused: count.describe('rows that came for days only the archive holds'),
})

const step = z.object({
  table: z.string(),
  day: z.string(),
  rows: count,
  seal: z.boolean().describe('not in the archive yet, or grown since'),
  remove: z.boolean().describe('older than it is kept for'),
})

/** How long what is kept, and what a vacuum would do. Now only: policies have no history. */
export const retention = defineQuery({
  name: 'retention',
  version: 1,
  summary: 'How long each table is kept, how big it is, and what lies in the archive',
  params: z.strictObject({ plan: flag.describe('also what a vacuum would do now') }),
  data: z.object({ tables: z.array(tableLine), plan: z.array(step).nullable() }),
  example: {},
  async load(params, ctx) {
    const tables = await readRetention(ctx.db)
    return {
      data: {
        tables: tables.map((one) => ({
          table: one.table,
          keep_days: one.keepDays,
          policy: one.policy,
          rows: one.rows,
          bytes: one.bytes,
          oldest: one.oldest,
          archived_days: one.archivedDays,
          archived_rows: one.archivedRows,
          archived_bytes: one.archivedBytes,
          late_refused: one.lateRefused,
        })),
        plan: params.plan ? (await planVacuum(ctx.db, ctx.now)).map((one) => ({ ...one })) : null,
      },
    }
  },
})
