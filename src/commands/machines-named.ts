import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'

/** The machine with this id, or a usage error with the nearest one. */
export function machineNamed(loaded: LoadedConfig, id: string): MachineConfig {
  const found = loaded.config.machines.find((machine) => machine.id === id)
  if (found !== undefined) return found
  const ids = loaded.config.machines.map((machine) => machine.id)
  throw usageError('unknown_machine', `no machine is called '${displayText(id, 64)}'`, suggestName(id, ids))
}
