import type { builds } from '../../../queries/builds.ts'
import type { collectors } from '../../../queries/collectors.ts'
import type { machine } from '../../../queries/machine.ts'
import type { machines } from '../../../queries/machines.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { olderBy } from '../../view/lying.ts'
import { found } from '../../view/narrowed.ts'

type Machines = DataOf<typeof machines>
export type MachineLine = Machines['machines'][number]
export type Machine = DataOf<typeof machine>
type Builds = DataOf<typeof builds>
type Collectors = DataOf<typeof collectors>
export type Collector = Collectors['collectors'][number]

export interface MachineModel {
  readonly machines: readonly MachineLine[]
  readonly allMachines: number
  /** The one that is shown; null when there is none. */
  readonly id: string | null
  /** Null until its answer came; an answer about another machine is none. */
  readonly machine: Machine | null
  readonly builds: Builds | null
  readonly collectors: readonly Collector[]
}

const listed = (view: ScreenView): readonly MachineLine[] =>
  (dataOf<Machines>(view, 'machines')?.machines ?? []).map((one) => olderBy(one, view.answers.machines))

const shown = (view: ScreenView): readonly MachineLine[] =>
  listed(view).filter((one) => found(view.filter, one.id, one.hostname, one.top_issue, ...one.tags))

/** The machine a person chose, on whatever screen; else the one of the filter; else the worst. */
export const machineId = (view: ScreenView): string | null => {
  const all = listed(view)
  const wanted = view.chosen.machines ?? view.filter.machine
  if (wanted != null && (all.length === 0 || all.some((one) => one.id === wanted))) return wanted
  return shown(view)[0]?.id ?? null
}

export const machineAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const id = machineId(view)
  return [
    { as: 'machines', topic: 'machines' },
    ...(id === null
      ? []
      : [
          { as: 'machine', topic: 'machine', params: { id, hours: view.filter.hours } },
          { as: 'builds', topic: 'builds', params: { machine: id, limit: 20 }, everyMs: 10_000 },
          { as: 'collectors', topic: 'collectors', params: { machine: id }, everyMs: 5_000 },
        ]),
  ]
}

export const machineModel = (view: ScreenView): MachineModel => {
  const id = machineId(view)
  const answer = dataOf<Machine>(view, 'machine')
  const collectors = dataOf<Collectors>(view, 'collectors')?.collectors ?? []
  return {
    machines: shown(view),
    allMachines: listed(view).length,
    id,
    machine: answer?.machine.id === id ? { ...answer, machine: olderBy(answer.machine, view.answers.machine) } : null,
    builds: dataOf<Builds>(view, 'builds'),
    collectors: collectors.filter((one) => one.machine === id),
  }
}

interface Words {
  readonly why: string
  readonly fill: string
}

/** Why a panel is empty: nothing is known of a machine that never answered, whatever the panel would show. */
export const emptyHere = ({ id, machine }: MachineModel, words: Words): Words =>
  machine !== null && machine.machine.age_s === null
    ? {
        why: `${machine.sources.length === 0 ? 'No look at it has ended yet' : 'It never answered'}, so nothing is known of it.`,
        fill: `p probes it step by step: vc machines probe ${id}`,
      }
    : words
