import type { missions } from '../../../queries/missions.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { chosenRow } from '../../view/chosen-row.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Missions = DataOf<typeof missions>
export type Mission = Missions['missions'][number]
export type MissionConvoy = Missions['convoys'][number]
export type Worktree = Missions['worktrees'][number]
export type MissionDetail = NonNullable<Missions['detail']>

export interface MissionsModel {
  readonly missions: readonly Mission[]
  readonly all: number
  readonly endedToo: boolean
  readonly chosen: Mission | null
  readonly detail: MissionDetail | null
  readonly counts: Missions['counts'] | null
  readonly oldestReadyS: number | null
  readonly convoys: readonly MissionConvoy[]
  readonly worktrees: readonly Worktree[]
  readonly now: Date
}

export const wantsEnded = (view: ScreenView): boolean => view.options['missions.all'] === 'yes'

const listOf = (view: ScreenView): readonly Mission[] =>
  (dataOf<Missions>(view, 'missions')?.missions ?? []).filter(
    (one) =>
      (one.machine === null || onMachine(view.filter, one.machine)) &&
      found(
        view.filter,
        one.mission,
        one.title,
        one.type,
        one.claimed_by,
        one.to_agent,
        one.to_role,
        one.bead,
        one.convoy,
      ),
  )

const chosenOf = (view: ScreenView, list: readonly Mission[]): Mission | null => {
  const id = chosenRow(
    view,
    'missions',
    list.map(({ mission }) => mission),
  )
  return list.find(({ mission }) => mission === id) ?? null
}

export const missionsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const id = chosenOf(view, listOf(view))?.mission
  const all: ScreenAsk = {
    as: 'missions',
    topic: 'missions',
    params: { all: wantsEnded(view), limit: 500 },
    everyMs: 2_000,
  }
  return id === undefined ? [all] : [all, { as: 'detail', topic: 'missions', params: { id, limit: 1 }, everyMs: 3_000 }]
}

export const missionsModel = (view: ScreenView): MissionsModel => {
  const data = dataOf<Missions>(view, 'missions')
  const list = listOf(view)
  const chosen = chosenOf(view, list)
  const told = dataOf<Missions>(view, 'detail')?.detail ?? null
  return {
    missions: list,
    all: data?.missions.length ?? 0,
    endedToo: wantsEnded(view),
    chosen,
    detail: told !== null && told.mission.mission === chosen?.mission ? told : null,
    counts: data?.counts ?? null,
    oldestReadyS: data?.oldest_ready_s ?? null,
    convoys: data?.convoys ?? [],
    worktrees: (data?.worktrees ?? []).filter(
      (one) =>
        onMachine(view.filter, one.machine) && (view.filter.repo === null || one.repo.includes(view.filter.repo)),
    ),
    now: view.at ?? view.now,
  }
}
