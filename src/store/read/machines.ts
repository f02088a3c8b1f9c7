import type { Db } from '../db.ts'
import type { At } from './history.ts'
import { picture } from './history.ts'
import { MachineRow, ToolCapabilityRow } from './rows/machines.ts'

/** The inventory, removed machines left out. In the past, counters and times of the last attempt are as of the last other change. */
export const machines = (db: Db, question: At = {}): Promise<MachineRow[]> =>
  picture(db, 'machines', MachineRow, { ...question, where: 'removed_at IS NULL', orderBy: 'machine_id' })

/** All machines there ever were, those that left the configuration too. */
export const machinesEverKnown = (db: Db): Promise<MachineRow[]> =>
  picture(db, 'machines', MachineRow, { orderBy: 'machine_id' })

export const machineIdsEverKnown = async (db: Db): Promise<string[]> =>
  (await machinesEverKnown(db)).map((row) => row.machine_id)

export const machineById = async (db: Db, machineId: string, question: At = {}): Promise<MachineRow | null> => {
  const rows = await picture<MachineRow>(db, 'machines', MachineRow, {
    ...question,
    where: 'machine_id = $machine',
    params: { machine: machineId },
  })
  return rows[0] ?? null
}

export const toolCapabilities = (
  db: Db,
  question: At & { readonly machineId?: string | undefined } = {},
): Promise<ToolCapabilityRow[]> =>
  picture(db, 'machine_tool_capabilities', ToolCapabilityRow, {
    at: question.at,
    where: '$machine IS NULL OR machine_id = $machine',
    params: { machine: question.machineId ?? null },
    orderBy: 'machine_id, tool_name',
  })
