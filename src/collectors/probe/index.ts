import { randomBytes } from 'node:crypto'
import type { Answer } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, RowBatch } from '../../core/rows.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { fastAsk, gpuAsk, TOOL_NAMES } from './ask.ts'
import { baseOf, decodeBase, encodeBase } from './base.ts'
import { capabilityRows } from './capabilities.ts'
import { clockSkewMs, decodeFacts, machineFactsOf, steadySkewMs } from './facts.ts'
import { parseGpu } from './gpu.ts'
import { leadingNonce, type ProbeText, parseProbe } from './parse.ts'
import { readProbe } from './read.ts'
import type { ProbeReading } from './reading.ts'
import { probeBatches } from './rows.ts'

export { decodeFacts } from './facts.ts'

const TOOLS_EVERY_MS = 115_000

/** The fallback probe: load, CPU, memory, disks, pressure, processes and agent processes of a machine, in one ask. */
export const probe = defineCollector({
  name: 'probe',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [
    'sys_samples',
    'sys_filesystems',
    'sys_pressure',
    'sys_top_processes',
    'agent_processes',
    'agent_process_samples',
    'machine_tool_capabilities',
  ],
  interval: { localS: 10, remoteS: 30 },
  timeoutMs: 9_000,
  remoteTimeoutMs: 25_000,
  needs: [],
  reads: {
    commands: ['awk', 'stat -f', 'nvidia-smi', 'sysctl', 'vm_stat', 'ps'],
    files: [
      '/proc/stat',
      '/proc/meminfo',
      '/proc/loadavg',
      '/proc/pressure',
      '/proc/net/dev',
      '/proc/diskstats',
      '/proc/PID/stat',
    ],
  },
  about:
    'System load, CPU, memory, disks, pressure, processes, agent processes and tool presence; needs nothing installed',
  async collect(ctx) {
    const tools = toolsDue(ctx) ? TOOL_NAMES : []
    const nonce = randomBytes(8).toString('hex')
    const sent = performance.now()
    const gpu = decodeFacts(ctx.cursors.get('facts'))?.nvidia ? ctx.run(gpuAsk(nonce)) : null
    const answer = await ctx.run(fastAsk(nonce, tools))
    const elapsedMs = performance.now() - sent
    const parsed = parseProbe(answer.stdout, leadingNonce(answer.stdout) ?? nonce)
    const gpuAnswer = gpu === null ? null : await gpu
    if (parsed.is !== 'probe') return refusal(answer, parsed)
    return result(ctx, {
      answer,
      parsed,
      tools,
      elapsedMs,
      gpuPct: gpuAnswer === null ? null : parseGpu(gpuAnswer.stdout),
    })
  },
})

const toolsDue = (ctx: CollectContext): boolean => {
  const last = ctx.cursors.get('tools')
  const at = typeof last === 'object' && last !== null && 'at' in last ? Date.parse(String(last.at)) : Number.NaN
  return Number.isNaN(at) || Math.abs(ctx.startedAt.getTime() - at) >= TOOLS_EVERY_MS
}

const refusal = (
  answer: Answer,
  parsed: { readonly is: 'no_begin' } | { readonly is: 'incompatible_format'; readonly format: string },
): CollectResult => {
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  if (parsed.is === 'incompatible_format')
    return {
      batches: [],
      fault: 'incompatible_version',
      detail: `probe format ${displayText(parsed.format)}, vc reads 1`,
    }
  const said = displayText(
    decodeUtf8(answer.stderr.subarray(0, 2048)) || decodeUtf8(answer.stdout.subarray(0, 200)),
    200,
  )
  return { batches: [], fault: 'bad_output', detail: `no begin marker from the probe${said ? `: ${said}` : ''}` }
}

interface Seen {
  readonly answer: Answer
  readonly parsed: ProbeText
  readonly tools: readonly string[]
  readonly elapsedMs: number
  readonly gpuPct: number | null
}

const result = async (ctx: CollectContext, seen: Seen): Promise<CollectResult> => {
  const reading = readProbe(seen.parsed)
  const base = decodeBase(ctx.cursors.get('base'))
  const sentMs = ctx.startedAt.getTime()
  const skewMs = clockSkewMs(reading.epochS, sentMs, sentMs + seen.elapsedMs)
  const batches = [...probeBatches(reading, base, { clockSkewMs: skewMs, gpuPct: seen.gpuPct })]
  const before = decodeFacts(ctx.cursors.get('facts'))
  const facts = machineFactsOf(reading, steadySkewMs(before?.clockSkewMs ?? null, skewMs))
  const cursors: CursorChange[] = [{ key: 'facts', value: facts }]
  const next = baseOf(reading, base)
  if (next !== null) cursors.push({ key: 'base', value: encodeBase(next) })
  const tools = await toolBatch(ctx, reading, seen.tools)
  if (tools !== null) {
    batches.push(tools)
    cursors.push({ key: 'tools', value: { at: ctx.startedAt.toISOString() } })
  }
  if (reading.unreadableRows > 0)
    ctx.warn(
      'probe_rows_unreadable',
      `${reading.unreadableRows} rows of the probe could not be read and were left out`,
      'run `vc machines probe` for that machine and report what it prints',
    )
  const { fault, detail } = seen.answer
  return { batches, cursors, fault, detail, partial: reading.partial }
}

const toolBatch = async (
  ctx: CollectContext,
  reading: ProbeReading,
  asked: readonly string[],
): Promise<RowBatch | null> => {
  if (asked.length === 0 || reading.tools === null) return null
  const known = await ctx.known('machine_tool_capabilities')
  return { table: 'machine_tool_capabilities', rows: capabilityRows(reading.tools, asked, known, ctx.startedAt) }
}
