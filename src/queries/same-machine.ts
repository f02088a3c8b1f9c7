import { nameList } from '../core/nearest.ts'
import { userNamedIn } from '../core/ssh-target.ts'
import { duplicateMachines } from '../oracle/alert-judge.ts'
import { type QueryContext, warning } from './define.ts'
import { readMachines } from './fleet-rows.ts'
import { type FleetPicture, fleetPicture } from './picture.ts'

/** Machine id to the entry that is the same machine, for the same user, and speaks for it. */
export type SameMachines = ReadonlyMap<string, string>

export const sameMachines = ({ machines }: Pick<FleetPicture, 'machines'>): SameMachines =>
  duplicateMachines(
    machines.map(({ view, machine }) => ({
      machineId: view.machineId,
      bootId: machine.boot_id,
      hostname: machine.hostname,
      user: userNamedIn(machine.ssh_target),
      reachable: view.transportFailures === 0 && view.status !== 'offline' && view.status !== 'unknown',
    })),
  )

/** The same of a picture that may be of one machine alone: the others are read only where one of them has its boot id. */
export const readSameMachines = async (
  ctx: QueryContext,
  at: Date | null,
  fleet: FleetPicture,
  only: string | undefined,
): Promise<SameMachines> => {
  if (only === undefined) return sameMachines(fleet)
  const bootId = fleet.machines[0]?.machine.boot_id ?? null
  const alike = bootId === null ? [] : (await readMachines(ctx, at)).filter((row) => row.boot_id === bootId)
  if (alike.length < 2) return new Map()
  const named = [...sameMachines(await fleetPicture(ctx, at))]
  return new Map(named.filter((pair) => pair.includes(only)))
}

/** Those that are there more than once: which entry is judged, and which others stand for the same. */
export interface SameMachine {
  readonly speaker: string
  readonly others: readonly string[]
  readonly says: string
  readonly fix: string
}

export const sameMachineWords = (same: SameMachines): readonly SameMachine[] =>
  [...Map.groupBy(same.keys(), (id) => same.get(id) ?? id)].map(([speaker, others]) => ({
    speaker,
    others,
    says: `${nameList(others)} ${others.length === 1 ? 'is' : 'are'} the same machine as ${speaker} (same boot id and host name, and no two users in ssh =): alerts are told of ${speaker} alone`,
    fix: `keep one: vc machines disable ${others[0]}; for two users of it write user@host in ssh =, vc does not judge by those of ssh_config`,
  }))

export const sameMachineWarnings = (same: SameMachines): string[] =>
  sameMachineWords(same).map(({ says, fix }) => warning('same_machine', says, fix))
