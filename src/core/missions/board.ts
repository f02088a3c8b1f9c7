import type { Claimant, Mission } from './mission.ts'
import { isEnded } from './mission.ts'
import { compareMissions, suits } from './order.ts'
import { hasLapsed, lapsesAtMs } from './step.ts'

/** Why a pending mission cannot be claimed yet. `dead`: one that failed or was cancelled, so that it waits for a person. */
export interface Blocker {
  readonly missionId: string
  readonly status: Mission['status'] | 'unknown'
  readonly dead: boolean
}

/** All missions that matter now, in memory. The store is the truth; this is what its only owner decides from. */
export interface Board {
  readonly size: number
  get(missionId: string): Mission | undefined
  all(): Iterable<Mission>
  /** Takes a mission in, or its next step. */
  put(mission: Mission): void
  /** The mission whose turn it is for this claimant, or null. */
  next(claimant: Claimant, nowMs: number): Mission | null
  /** Claims that lapsed, the longest ago first. */
  lapsed(nowMs: number): readonly Mission[]
  /** Who holds something now. */
  holders(): readonly string[]
  /** What somebody holds now. */
  heldBy(name: string): readonly Mission[]
  /** What a mission still waits on. */
  blockers(mission: Pick<Mission, 'dependsOn'>): readonly Blocker[]
  /** The missions that wait on this one. */
  dependents(missionId: string): readonly Mission[]
  /** Forgets ended missions that nobody waits on. */
  prune(): void
}

export const createBoard = (missions: Iterable<Mission> = []): Board => {
  const known = new Map<string, Mission>()
  const pending = new Map<string, Mission>()
  const running = new Map<string, Mission>()
  const waiters = new Map<string, Set<string>>()

  const put = (mission: Mission): void => {
    const { missionId: id, status } = mission
    for (const on of mission.dependsOn) waiters.set(on, (waiters.get(on) ?? new Set()).add(id))
    known.set(id, mission)
    if (status === 'pending') pending.set(id, mission)
    else pending.delete(id)
    if (status === 'claimed') running.set(id, mission)
    else running.delete(id)
  }
  for (const mission of missions) put(mission)

  const blockers = ({ dependsOn }: Pick<Mission, 'dependsOn'>): readonly Blocker[] =>
    dependsOn.flatMap((on) => {
      const status = known.get(on)?.status ?? 'unknown'
      return status === 'done' ? [] : [{ missionId: on, status, dead: status === 'failed' || status === 'cancelled' }]
    })
  const isReady = (mission: Mission, nowMs: number): boolean =>
    (mission.notBeforeMs ?? 0) <= nowMs && mission.dependsOn.every((on) => known.get(on)?.status === 'done')
  const dependents = (missionId: string): readonly Mission[] =>
    [...(waiters.get(missionId) ?? [])].flatMap((id) => {
      const mission = known.get(id)
      return mission?.dependsOn.includes(missionId) ? [mission] : []
    })

  return {
    get size() {
      return known.size
    },
    get: (missionId) => known.get(missionId),
    all: () => known.values(),
    put,
    blockers,
    dependents,
    next(claimant, nowMs) {
      let best: Mission | null = null
      for (const mission of pending.values())
        if (
          (best === null || compareMissions(mission, best) < 0) &&
          suits(mission, claimant) &&
          isReady(mission, nowMs)
        )
          best = mission
      return best
    },
    lapsed: (nowMs) =>
      [...running.values()].filter((one) => hasLapsed(one, nowMs)).sort((a, b) => lapsesAtMs(a) - lapsesAtMs(b)),
    holders: () => [...running.values()].flatMap(({ claim }) => (claim === null ? [] : [claim.by])),
    heldBy: (name) => [...running.values()].filter((one) => one.claim?.by === name),
    prune() {
      for (const [id, mission] of known)
        if (isEnded(mission) && dependents(id).every(isEnded)) {
          known.delete(id)
          waiters.delete(id)
        }
    },
  }
}
