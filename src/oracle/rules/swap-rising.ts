import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const RISE_BYTES = 16 * 1024 * 1024
const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576)

/** Swap that is used and does not grow is only old; swap that grows is memory that runs out. */
export const swapRising: Rule<MachineSignals> = {
  id: 'swap_rising',
  about: 'swap is used and has grown by more than 16 MB within ten minutes',
  holdMs: 60_000,
  clearMs: 5 * 60_000,
  judge({ machine, system }) {
    if (system === null) return []
    const { swapUsedBytes: used, swapUsedEarlierBytes: earlier } = system
    if (used === null || earlier === null) return null
    if (used === 0 || used - earlier < RISE_BYTES) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'swap',
        severity: 'warning',
        title: `swap of ${machineId} grew by ${megabytes(used - earlier)} MB to ${megabytes(used)} MB`,
        evidence: { used_bytes: used, earlier_bytes: earlier, swap_out_pages_per_s: system.swapOutPagesPerS },
      },
    ]
  },
}
