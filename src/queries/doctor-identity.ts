import { VcError } from '../core/errors.ts'
import { momentWords } from '../core/moment.ts'
import { userNamedIn } from '../core/ssh-target.ts'
import { ageWords } from '../oracle/age-words.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import type { Finding } from './doctor-shapes.ts'
import { type MachineRow, readMachines } from './fleet-rows.ts'
import type { FleetPicture, MachineState } from './picture.ts'
import { dayBefore, rebootedAt, systemChanges } from './reboots.ts'
import { readSameMachines, sameMachineWords } from './same-machine.ts'

const told = (level: Finding['level'], machine: string, says: string, fix: string | null): Finding => ({
  level,
  machine,
  topic: 'identity',
  says,
  fix,
})

const WORTH_TELLING_MS = 7 * 86_400_000
/** An entry that was there beside the other is no new name of it. */
const BESIDE_MS = 60_000

const leftMs = ({ removed_at: left }: MachineRow): number => Date.parse(left ?? '')

const isSameMachine = (one: MachineRow, other: MachineRow): boolean => {
  const [user, otherUser] = [userNamedIn(one.ssh_target), userNamedIn(other.ssh_target)]
  return (
    one.hostname !== null &&
    one.hostname === other.hostname &&
    (one.ssh_target === other.ssh_target || (one.boot_id !== null && one.boot_id === other.boot_id)) &&
    (user === null || otherUser === null || user === otherUser)
  )
}

// What is stored bears the id it was seen under: history is not moved, it goes on only under that id.
const newName = ({ machine }: MachineState, former: readonly MachineRow[], now: Date): Finding[] => {
  const { machine_id: id, first_seen_at: seen } = machine
  const row = former.find((one) => isSameMachine(one, machine) && leftMs(one) - Date.parse(seen) < BESIDE_MS)
  if (row === undefined) return []
  const left = new Date(leftMs(row))
  const at = new Date(left.getTime() - 1_000).toISOString()
  const says = `it was called ${row.machine_id} until ${momentWords(left, now)}: its history stays under that id and cannot be moved`
  const fix = `to go on there: id = "${row.machine_id}" in vc.toml; how it was: vc robot machine ${row.machine_id} --at ${at}`
  return [told('warn', id, says, fix)]
}

const changedSystem = (m: MachineState, before: MachineRow | undefined, now: Date): Finding[] => {
  const booted = rebootedAt(m, now)
  const changes = before === undefined ? [] : systemChanges(before, m.machine)
  if (booted === null && changes.length === 0) return []
  const parts = [
    ...(booted === null ? [] : [`it was started anew ${ageWords((now.getTime() - booted.getTime()) / 1000)} ago`]),
    ...changes,
  ]
  return [told('warn', m.view.machineId, parts.join('; '), null)]
}

/** None where the memory of vc does not reach back so far. */
const machinesAt = (ctx: QueryContext, at: Date): Promise<readonly MachineRow[]> =>
  readMachines(ctx, at).catch((error: unknown) => {
    if (error instanceof VcError && error.code === 'no_history') return []
    throw error
  })

/** Which entries are one machine, which is one with a new name, and which is no longer the system it was a day ago. */
export const identityFindings = async (
  ctx: QueryContext,
  fleet: FleetPicture,
  only: string | undefined,
): Promise<readonly Finding[]> => {
  const [same, ever, yesterday] = await Promise.all([
    readSameMachines(ctx, null, fleet, only),
    read.machinesEverKnown(ctx.db),
    machinesAt(ctx, dayBefore(ctx.now)),
  ])
  const former = ever.filter((row) => ctx.now.getTime() - leftMs(row) < WORTH_TELLING_MS)
  const before = new Map(yesterday.map((row) => [row.machine_id, row]))
  return [
    ...sameMachineWords(same).map(({ speaker, others, says, fix }) =>
      told('warn', only ?? others[0] ?? speaker, says, fix),
    ),
    ...fleet.machines.flatMap((m) => [
      ...newName(m, former, ctx.now),
      ...changedSystem(m, before.get(m.view.machineId), ctx.now),
    ]),
  ]
}
