import type { Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import type { Board } from '../../core/missions/board.ts'
import { findCycle } from '../../core/missions/graph.ts'
import type { Mission } from '../../core/missions/mission.ts'
import { isEnded } from '../../core/missions/mission.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { MissionWish } from './wishes.ts'

export interface NewMissions {
  /** In the order of the wishes; those that were there already (same key) among them. */
  readonly missions: readonly Mission[]
  /** New ones, and old ones that now wait on them. */
  readonly changed: readonly Mission[]
  readonly texts: readonly Row[]
  readonly existing: ReadonlySet<string>
}

export interface AddPorts {
  readonly board: Board
  readonly nextSeq: () => number
  /** Mission made with this key before, if any. */
  readonly byKey: (key: string) => Mission | undefined
  readonly by: string
  readonly nowMs: number
  /** Convoy of those that name none. */
  readonly convoyId: string | null
}

const unknown = (id: string): Error =>
  usageError('unknown_mission', `there is no mission ${displayText(id, 64)}`, 'vc mission list --all')

const textRows = (mission: Mission, wish: MissionWish): Row[] =>
  (['prompt', 'context', 'payload'] as const).flatMap((kind) => {
    const body = wish[kind]
    if (body === null || body === '') return []
    const { missionId, createdAtMs, createdBy } = mission
    return [{ mission_id: missionId, kind, attempt: 0, ts: new Date(createdAtMs), author: createdBy, body }]
  })

const missionFrom = (wish: MissionWish, dependsOn: readonly string[], seq: number, ports: AddPorts): Mission => ({
  ...{ missionId: `m-${seq}`, seq, title: wish.title, type: wish.type, lane: wish.lane, priority: wish.priority },
  ...{ status: 'pending', eventType: wish.event_type, toAgent: wish.to_agent, toRole: wish.to_role },
  ...{
    machineId: wish.machine,
    convoyId: wish.convoy ?? ports.convoyId,
    dependsOn,
    bead: wish.bead,
    idemKey: wish.key,
  },
  ...{ timeoutMs: wish.timeout_ms, leaseMs: wish.lease_ms, maxRetries: wish.max_retries },
  ...{ attempts: 0, attemptsAllowed: 1 + wish.max_retries, notBeforeMs: null },
  ...{
    createdAtMs: ports.nowMs,
    createdBy: ports.by,
    claim: null,
    finishedAtMs: null,
    finishedBy: null,
    failure: null,
  },
  ...{ usage: { inputTokens: null, outputTokens: null, costMicrousd: null }, workMs: null },
})

/** Ids of the batch's own names, and of what each wish asks to exist already. */
const idsOf = (wishes: readonly MissionWish[], ports: AddPorts) => {
  const refs = new Map<string, string>()
  const keys = new Map<string, string>()
  const ids = wishes.map((wish) => {
    const old = wish.key === null ? undefined : ports.byKey(wish.key)
    const id = old?.missionId ?? keys.get(wish.key ?? '') ?? `m-${ports.nextSeq()}`
    if (wish.key !== null) keys.set(wish.key, id)
    if (wish.ref !== null) {
      if (refs.has(wish.ref))
        throw usageError('ref_twice', `two missions of the batch are called ${wish.ref}`, 'rename one')
      refs.set(wish.ref, id)
    }
    return { id, old }
  })
  return { refs, ids }
}

/** The missions as they would be; a ring of dependencies is refused as a whole. Nothing is put on the board here. */
export const planAdd = (wishes: readonly MissionWish[], ports: AddPorts): NewMissions | Refusal => {
  const { refs, ids } = idsOf(wishes, ports)
  const made = new Map<string, Mission>()
  const asOf = (id: string): Mission | undefined => made.get(id) ?? ports.board.get(id)
  const known = new Set(ids.map(({ id }) => id))
  const resolve = (id: string): string => {
    const real = refs.get(id) ?? id
    if (!known.has(real) && ports.board.get(real) === undefined) throw unknown(id)
    return real
  }
  const texts: Row[] = []
  for (const [index, wish] of wishes.entries()) {
    const { id, old } = ids[index] as (typeof ids)[number]
    if (old !== undefined || made.has(id)) continue
    const mission = missionFrom(wish, [...new Set(wish.depends_on.map(resolve))], Number(id.slice(2)), ports)
    made.set(id, mission)
    texts.push(...textRows(mission, wish))
  }
  for (const [index, wish] of wishes.entries())
    for (const name of ids[index]?.old === undefined ? wish.before : []) {
      const waiter = asOf(resolve(name)) as Mission
      if (waiter.status !== 'pending') return laterRefused(waiter)
      const on = ids[index]?.id ?? ''
      made.set(waiter.missionId, { ...waiter, dependsOn: [...new Set([...waiter.dependsOn, on])] })
    }
  const ring = findCycle([...made.keys()], (id) => asOf(id)?.dependsOn ?? [])
  if (ring !== null) return ringRefused(ring, refs)
  return {
    missions: ids.map(({ id, old }) => old ?? (asOf(id) as Mission)),
    changed: [...made.values()],
    texts,
    existing: new Set(ids.flatMap(({ old }) => (old === undefined ? [] : [old.missionId]))),
  }
}

const laterRefused = (waiter: Mission): Refusal => ({
  code: isEnded(waiter) ? 'already_ended' : 'already_claimed',
  message: `${waiter.missionId} is ${waiter.status} and cannot be made to wait any more`,
  fix: `vc mission show ${waiter.missionId}`,
})

const RING_SHOWN = 8

/** A ring in words; of a long one its beginning, and where it closes. */
const ringWords = (ring: readonly string[]): string =>
  ring.length <= RING_SHOWN + 2
    ? ring.join(' → ')
    : [...ring.slice(0, RING_SHOWN), '…', ...ring.slice(-2)].join(' → ').concat(` (${ring.length - 1} missions)`)

const ringRefused = (ring: readonly string[], refs: ReadonlyMap<string, string>): Refusal => {
  const named = new Map([...refs].map(([ref, id]) => [id, ref]))
  return {
    code: 'dependency_cycle',
    message: `these missions would wait on one another: ${ringWords(ring.map((id) => named.get(id) ?? id))}`,
    fix: 'leave out one of these dependencies',
  }
}
