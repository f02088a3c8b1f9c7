// The ways to all ssh machines of one configuration: shared resolver, shared connect lane.
import { fleetWay, machineWay } from './commands/fleet-way.ts'
import type { LoadedConfig, MachineConfig } from './config/index.ts'
import type { Executor } from './core/executor.ts'

/** Opens executors on demand; each is closed by whoever polls over it. */
export const openWays = (loaded: LoadedConfig) => {
  const way = fleetWay(loaded)
  return {
    async open(machine: MachineConfig): Promise<Executor> {
      // Loaded with the first machine of that kind: who has none need not wait for it.
      const { openExecutor } = await import('./transport/open-executor.ts')
      const { executor } = await openExecutor(machineWay(machine), way)
      return executor
    },
  }
}
