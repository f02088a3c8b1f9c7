import type { CapacitySeries } from '../oracle/capacity.ts'
import { type DiskUseRow, diskUse, type MemoryUseRow, memoryUse } from '../store/index.ts'
import type { QueryContext } from './define.ts'

const DISK_BACK_MS = 24 * 3_600_000
const MEMORY_BACK_MS = 6 * 3_600_000

const pointsOf = (rows: readonly (DiskUseRow | MemoryUseRow)[]) =>
  rows.map((row) => ({ ms: Date.parse(row.bucket_at), usedBytes: row.used_bytes }))

const limitOf = (rows: readonly (DiskUseRow | MemoryUseRow)[]): number => rows.at(-1)?.limit_bytes ?? 0

export const diskSeries = (rows: readonly DiskUseRow[]): readonly CapacitySeries[] =>
  [...Map.groupBy(rows, (row) => `${row.machine_id}\u0000${row.mount}`).values()].flatMap((own) => {
    const first = own[0]
    if (first === undefined) return []
    const { machine_id: machineId, mount: subject } = first
    return [{ kind: 'disk_full' as const, machineId, subject, limitBytes: limitOf(own), points: pointsOf(own) }]
  })

export const memorySeries = (rows: readonly MemoryUseRow[]): readonly CapacitySeries[] =>
  [...Map.groupBy(rows, (row) => row.machine_id)].map(([machineId, own]) => ({
    kind: 'memory_full' as const,
    machineId,
    subject: 'memory',
    limitBytes: limitOf(own),
    points: pointsOf(own),
  }))

/** How disks and memories filled lately. */
export const readCapacity = async (ctx: QueryContext, at: Date | null): Promise<readonly CapacitySeries[]> => {
  const until = at ?? ctx.now
  const since = (backMs: number): Date => new Date(until.getTime() - backMs)
  const [disks, memories] = await Promise.all([
    diskUse(ctx.db, { since: since(DISK_BACK_MS), until }),
    memoryUse(ctx.db, { since: since(MEMORY_BACK_MS), until }),
  ])
  return [...diskSeries(disks), ...memorySeries(memories)]
}
