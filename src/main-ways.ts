import type { LoadedConfig, MachineConfig } from './config/index.ts'
import { VcError } from './core/errors.ts'
import type { Executor } from './core/executor.ts'

export const openWays = (_config: LoadedConfig['config'], _paths: LoadedConfig['paths']) => ({
  async open(machine: MachineConfig): Promise<Executor> {
    throw new VcError('bad_target', `no way to ${machine.id} yet`, 'wait')
  },
  async close(): Promise<void> {},
})
