import { displayText } from '../../core/text.ts'
import type { EngineOrphanRow } from '../../store/index.ts'
import type { Managed } from './book.ts'
import { askMarked, type MarkedProcess } from './machine-asks.ts'
import type { EnginePorts } from './ports.ts'

const MAY_RUN: ReadonlySet<string> = new Set(['starting', 'running'])

/** Why a process with vc's mark has no owner; null: it has one. */
export const orphanReason = (agent: Managed | undefined): string | null => {
  if (agent === undefined || agent.wanted === 'forgotten') return 'agent_unknown'
  if (MAY_RUN.has(agent.status)) return null
  return agent.wanted === 'stop' ? 'agent_stopped' : 'agent_ended'
}

const rowOf = (
  machineId: string,
  bootId: string,
  process: MarkedProcess,
  why: string,
  known: EngineOrphanRow | undefined,
  at: string,
): EngineOrphanRow => ({
  machine_id: machineId,
  boot_id: bootId,
  pid: process.pid,
  start_ticks: process.startTicks,
  agent_id: process.agentId,
  comm: displayText(process.comm, 64),
  rss_bytes: process.rssBytes,
  why: known?.why ?? why,
  first_seen_at: known?.first_seen_at ?? at,
  seen_at: at,
  gone_at: null,
})

/**
 * Looks for processes that agents of vc left behind and keeps what it found. Only ones that carry vc's own mark count, told by
 * pid and start time; nothing is ended here. Null: the machine could not be asked.
 */
export const lookForOrphans = async (
  { ports }: { readonly ports: EnginePorts },
  machineId: string,
): Promise<readonly EngineOrphanRow[] | null> => {
  const [marked, bootId] = await Promise.all([
    askMarked(await ports.executor(machineId), ports.hub),
    ports.bootId(machineId),
  ])
  if (marked === null || bootId === null) return null
  const at = ports.now().toISOString()
  const before = ports.book.orphans(machineId)
  const same = (row: EngineOrphanRow, process: MarkedProcess): boolean =>
    row.boot_id === bootId && row.pid === process.pid && row.start_ticks === process.startTicks
  const rows = marked.flatMap((process) => {
    const why = orphanReason(ports.book.get(process.agentId))
    const known = before.find((row) => same(row, process))
    return why === null ? [] : [rowOf(machineId, bootId, process, why, known, at)]
  })
  const gone = before
    .filter(
      (row) =>
        !rows.some((now) => now.pid === row.pid && now.start_ticks === row.start_ticks && now.boot_id === row.boot_id),
    )
    .map((row) => ({ ...row, gone_at: at }))
  await ports.book.keepOrphans(machineId, [...rows, ...gone])
  return rows
}
