import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Store } from '../store/index.ts'
import type { Fleet } from './fleet.ts'
import { openSelfCost } from './self-cost.ts'

const SELF_EVERY_MS = 60_000

interface SelfPorts {
  readonly version: string
  readonly processesStarted: () => number
  readonly log: Log
}

/** vc's own cost is a row like any other, on the machine vc runs on. Gives back what ends it: resolves when nothing is on its way any more. */
export const startSelfWatch = (ports: SelfPorts, store: Store, fleet: () => Fleet): (() => Promise<void>) => {
  const self = openSelfCost()
  const machineId = fleet().plan.machines.find((machine) => machine.local)?.machineId ?? 'vc'
  const sample = async (): Promise<void> => {
    const startedAt = new Date()
    const stats = fleet().stats()
    const row = await self.sample({ ...stats, processesStarted: ports.processesStarted() }, store.path)
    await store.append({
      machineId,
      collector: 'self',
      sourceVersion: ports.version,
      schemaVersion: 1,
      startedAt,
      durationMs: Date.now() - startedAt.getTime(),
      up: true,
      fault: null,
      detail: null,
      partial: false,
      bytes: 0,
      cpuMs: 0,
      batches: [{ table: 'self_samples', rows: [row] }],
      cursors: [],
      warnings: [],
    })
  }
  let sampling: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    sampling = sample().catch((error: unknown) =>
      ports.log.warn({ [K.detail]: messageOf(error) }, "vc's own cost was not measured"),
    )
  }, SELF_EVERY_MS)
  return () => {
    clearInterval(timer)
    self.stop()
    return sampling
  }
}
