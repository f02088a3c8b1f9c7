import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { RowBatch } from '../core/rows.ts'
import { machinesEverKnown, type Store } from '../store/index.ts'

/** A machine as the store knows it, as far as the inventory cares. */
interface Known {
  readonly machine_id: string
  readonly first_seen_at: string
  readonly removed_at: string | null
}

const newRow = (machine: MachineConfig, now: Date) => ({
  machine_id: machine.id,
  ssh_target: machine.ssh,
  tags_json: JSON.stringify(machine.tags),
  roles_json: JSON.stringify(machine.roles),
  enabled: machine.enabled,
  allow_write_commands: machine.allow_write_commands,
  allow_autopilot: machine.allow_autopilot,
  status: 'unknown',
  consecutive_failures: 0,
  first_seen_at: now,
  removed_at: null,
})

// What the configuration says changes; what was observed of the machine stays.
const knownRow = (machine: MachineConfig) => {
  const {
    status: _status,
    consecutive_failures: _failures,
    first_seen_at: _seen,
    ...configured
  } = newRow(machine, new Date(0))
  return configured
}

/** Brings the stored inventory in line with the configuration; machines that left it keep their history. */
export const inventoryBatches = (
  configured: readonly MachineConfig[],
  known: readonly Known[],
  now: Date,
): RowBatch[] => {
  const before = new Map(known.map((row) => [row.machine_id, row]))
  const present = new Set(configured.map((machine) => machine.id))
  const added = configured.filter((machine) => !before.has(machine.id)).map((machine) => newRow(machine, now))
  const kept = configured.filter((machine) => before.has(machine.id)).map(knownRow)
  const gone = known
    .filter((row) => !present.has(row.machine_id) && row.removed_at === null)
    .map((row) => ({ machine_id: row.machine_id, enabled: false, removed_at: now }))
  return [added, kept, gone].filter((rows) => rows.length > 0).map((rows) => ({ table: 'machines', rows }))
}

export interface Inventory {
  /** Writes down what is configured. Throws only when the store does not read. */
  sync(loaded: LoadedConfig): Promise<void>
  /** Something else was stored: what was refused before, for want of room, is written now. */
  roomAgain(): void
}

/** The inventory of a store, kept in line with the configuration in force. */
export const openInventory = (store: Pick<Store, 'db' | 'write'>, log: Pick<Log, 'error'>): Inventory => {
  let wanted: LoadedConfig | null = null
  let owed = false
  let complained = false
  const refused = (detail: string): void => {
    if (!complained) log.error({ [K.detail]: detail }, 'the inventory was not stored')
    complained = true
  }
  const sync = async ({ config }: LoadedConfig): Promise<boolean> => {
    const at = new Date()
    const batches = inventoryBatches(config.machines, await machinesEverKnown(store.db), at)
    const written = await store.write({ machineId: 'fleet', source: 'config', at, batches, awaited: true })
    if (written.ok) complained = false
    else refused(written.detail)
    return written.ok
  }
  return {
    async sync(loaded) {
      wanted = loaded
      owed = false
      owed = !(await sync(loaded))
    },
    roomAgain() {
      if (!owed || wanted === null) return
      owed = false
      sync(wanted).then(
        (stored) => {
          owed ||= !stored
        },
        (error: unknown) => refused(messageOf(error)),
      )
    },
  }
}
