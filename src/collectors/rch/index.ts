import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, RowBatch } from '../../core/rows.ts'
import { objectOf } from '../foreign-json.ts'
import {
  parseSections,
  type Section,
  type ToolText,
  toolPath,
  toolScript,
  troubleOf,
  warnUnknown,
  warnUntested,
} from '../tool-sections.ts'
import { type LedgerCursor, parseLedger } from './ledger.ts'
import { type LatencySum, latencyBetween, parseMetrics, type RchMetrics } from './metrics.ts'
import { RCH_BODY } from './script.ts'
import { parseStatus } from './status.ts'

const TESTED = '1.0.58'
const METRICS_PORT = 9100

/** Daemon, workers, queue and builds of rch on the machine that runs rchd. It never touches a worker. */
export const rch = defineCollector({
  name: 'rch',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [
    'rch_status_snapshots',
    'rch_workers',
    'rch_running_builds',
    'rch_builds',
    'rch_incidents',
    'rch_metric_samples',
  ],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 40_000,
  needs: [['rch']],
  tested: { rch: TESTED },
  reads: {
    commands: ['rch status --json --format json', 'curl http://127.0.0.1:PORT/metrics'],
    files: ['~/.local/state/rch/incidents.jsonl'],
  },
  about: 'Remote builds: daemon, workers and their pressure, queue, finished builds, incidents, metrics from loopback',
  async collect(ctx) {
    const ledger = ledgerCursor(ctx.cursors.get('ledger'))
    const answer = await ctx.run({
      script: toolScript('rch.status', RCH_BODY),
      args: [toolPath(ctx, 'rch'), String(metricsPort(ctx)), ledger?.inode ?? '-', String(ledger?.offset ?? 0)],
      timeoutMs: 35_000,
      maxBytes: 4 * 1024 * 1024,
      slow: true,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'rch')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [] }
    const section = parsed.sections.get('status')
    const status = section?.code == null ? null : parseStatus(section.out)
    if (answer.fault !== null && status === null) return { batches: [], fault: answer.fault, detail: answer.detail }
    if (status === null) return { batches: [], fault: badStatus(section).fault, detail: badStatus(section).detail }
    warnUntested(ctx, 'rch', status.version, TESTED)
    warnUnknown(ctx, 'rch status', status.unknown)
    if (status.skipped > 0)
      ctx.warn('rch_skipped', `${status.skipped} entries of rch carry no id or no end`, 'look with: rch status')
    const metrics = readMetrics(ctx, parsed)
    const before = latencySum(ctx.cursors.get('latency'))
    const more = readLedger(ctx, parsed)
    const up = status.status.daemon_state === 'up'
    const row = { ...status.status, avg_latency_ms: latencyBetween(before, metrics?.latency ?? null) }
    const result: CollectResult = {
      batches: [
        { table: 'rch_status_snapshots', rows: [row] },
        // nobody knows workers and running builds while their daemon is down: the last picture stays, with its age
        ...(up
          ? [
              { table: 'rch_workers', rows: status.workers },
              { table: 'rch_running_builds', rows: status.running },
            ]
          : []),
        { table: 'rch_builds', rows: status.builds },
        ...(metrics === null ? [] : [{ table: 'rch_metric_samples', rows: metrics.rows }]),
        ...more.batches,
      ],
      cursors: [...more.cursors, ...(metrics?.latency ? [{ key: 'latency', value: metrics.latency }] : [])],
      ...(status.version === null ? {} : { sourceVersion: status.version }),
    }
    return answer.fault === null ? result : { ...result, fault: answer.fault, detail: answer.detail, partial: true }
  },
})

const metricsPort = ({ options }: CollectContext): number =>
  typeof options.metrics_port === 'number' ? options.metrics_port : METRICS_PORT

// Exit 2 is clap's: this rch does not know the command.
const badStatus = (
  section: Section | undefined,
): { fault: 'truncated' | 'exit_code' | 'bad_output'; detail: string } => {
  if (section === undefined || section.code === null) return { fault: 'truncated', detail: 'rch status was cut off' }
  if (section.code > 1) return { fault: 'exit_code', detail: `rch status ended with ${section.code}` }
  return { fault: 'bad_output', detail: 'rch status printed something else' }
}

const readMetrics = (ctx: CollectContext, { sections }: ToolText): RchMetrics | null => {
  const section = sections.get('metrics')
  if (section?.code === 127)
    ctx.warn('rch_no_curl', `${ctx.machine.id} has no curl, so the metrics of rch are not read`, 'install curl there')
  return section?.code === 0 ? parseMetrics(section.out) : null
}

const readLedger = (ctx: CollectContext, { sections }: ToolText): { batches: RowBatch[]; cursors: CursorChange[] } => {
  const section = sections.get('ledger')
  const ledger = section?.code == null ? null : parseLedger(section.out)
  if (ledger === null) return { batches: [], cursors: [] }
  if (ledger.unreadable > 0)
    ctx.warn(
      'rch_ledger',
      `${ledger.unreadable} lines of the incident ledger cannot be read`,
      'look at incidents.jsonl of rch',
    )
  return {
    batches: [{ table: 'rch_incidents', rows: ledger.rows }],
    cursors: ledger.cursor === null ? [] : [{ key: 'ledger', value: ledger.cursor }],
  }
}

const ledgerCursor = (value: unknown): LedgerCursor | null => {
  const { inode, offset } = objectOf(value) ?? {}
  return typeof inode === 'string' && /^\d+$/.test(inode) && Number.isSafeInteger(offset)
    ? { inode, offset: Number(offset) }
    : null
}

const latencySum = (value: unknown): LatencySum | null => {
  const { sumMs, count } = objectOf(value) ?? {}
  return typeof sumMs === 'number' && typeof count === 'number' ? { sumMs, count } : null
}
