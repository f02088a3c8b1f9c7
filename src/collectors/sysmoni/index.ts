import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { parseSysmoni } from './parse.ts'
import { SYSMONI_SAMPLE } from './script.ts'

/** The program does not say its version: which of the two layouts it speaks stands in its place. */
const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const tool = ctx.machine.tools?.get('sysmoni') ?? 'sysmoni'
  const answer = await ctx.run({
    script: SYSMONI_SAMPLE,
    args: [tool],
    timeoutMs: 10_000,
    maxBytes: 524_288,
    slow: true,
  })
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const look = parseSysmoni(decodeUtf8(answer.stdout))
  if (look.schema === null) return { batches: [], fault: look.fault, detail: look.detail }
  return {
    batches: [
      { table: 'sys_samples', rows: [look.sample] },
      { table: 'sys_top_processes', rows: look.processes },
    ],
    sourceVersion: look.schema,
  }
}

export const sysmoni = defineCollector({
  name: 'sysmoni',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['sys_samples', 'sys_top_processes'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 20_000,
  needs: [['sysmoni']],
  tested: { sysmoni: '1.4.1' },
  reads: { commands: ['sysmoni --json-stream --interval 1s', 'sysmoni --json'], files: ['/proc/PID/stat'] },
  about:
    'Open files, reading and writing per process, GPU and temperatures where SRPS runs its sysmoni; the probe stays the source of all it measures itself',
  collect,
})
