import { randomBytes } from 'node:crypto'
import type { Refusal } from '../../core/action.ts'
import { usageError, VcError } from '../../core/errors.ts'
import { type Board, createBoard } from '../../core/missions/board.ts'
import type { Claimant, Mission } from '../../core/missions/mission.ts'
import { countStandings, type StandingCounts, standingOf } from '../../core/missions/progress.ts'
import {
  cancelled,
  claimed,
  completed,
  failed,
  handedOver,
  heartbeat,
  isRefused,
  lapsed,
  type Report,
  type Reporter,
  retried,
  type Step,
} from '../../core/missions/step.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { missionOf, missionRow } from '../../queries/rows-mission.ts'
import { lastSeqs, missionsNamed, openMissions, type Store } from '../../store/index.ts'
import { planAdd } from './add.ts'
import { type Changes, openSaver } from './saver.ts'
import type { MissionWish } from './wishes.ts'

export interface Added {
  readonly missions: readonly Mission[]
  readonly convoyId: string | null
  /** Ids that were there before, made with the same key. */
  readonly existing: ReadonlySet<string>
}

export interface Failing extends Report {
  readonly code: string
  readonly message: string | null
  readonly recoverable: boolean
  readonly output: string | null
}

/** All the queue can do. A step resolves when it is committed; a Refusal means that nothing changed. */
export interface MissionQueue {
  add(
    wishes: readonly MissionWish[],
    by: string,
    at: Date,
    convoy?: { readonly title: string; readonly lane: string } | null,
  ): Promise<Added | Refusal>
  claim(claimant: Claimant, at: Date): Promise<Mission | Refusal>
  heartbeat(missionId: string, reporter: Reporter, at: Date): Promise<Step>
  complete(missionId: string, report: Report & { readonly output: string | null }, at: Date): Promise<Step>
  fail(missionId: string, report: Failing, at: Date): Promise<Step>
  cancel(missionId: string, by: string, reason: string | null, at: Date): Promise<Step>
  retry(missionId: string, at: Date): Promise<Step>
  /** Puts open missions into a batch. */
  join(missionIds: readonly string[], convoyId: string, at: Date): Promise<readonly Mission[] | Refusal>
  /** What one claimant holds goes into the hands of another, attempts and all. */
  handOver(from: string, to: string, at: Date): Promise<readonly Mission[]>
  /** Who holds something now. */
  holders(): Promise<ReadonlySet<string>>
  /** Renews what these hold and what would lapse before long: they were seen at work. Returns how many claims. */
  keepAlive(names: ReadonlySet<string>, at: Date): Promise<number>
  /** Ends attempts whose claim lapsed; cheap when there are none. */
  sweep(at: Date): Promise<readonly Mission[]>
}

const unknownMission = (id: string): Error =>
  usageError('unknown_mission', `there is no mission ${displayText(id, 64)}`, 'vc mission list --all')

/** Ended missions in memory beyond this are forgotten; the store has them. */
const MOST_IN_MEMORY = 20_000

interface Memory {
  readonly board: Board
  readonly keys: Map<string, string>
  seq: number
  convoySeq: number
}

const load = async (store: Pick<Store, 'db'>): Promise<Memory> => {
  const open = (await openMissions(store.db)).map(missionOf)
  const ids = new Set(open.map(({ missionId }) => missionId))
  const waited = [...new Set(open.flatMap(({ dependsOn }) => dependsOn))].filter((id) => !ids.has(id))
  const ended = waited.length === 0 ? [] : (await missionsNamed(store.db, { ids: waited })).map(missionOf)
  const last = await lastSeqs(store.db)
  const keys = new Map(open.flatMap(({ idemKey, missionId }) => (idemKey === null ? [] : [[idemKey, missionId]])))
  return { board: createBoard([...open, ...ended]), keys, seq: last.mission, convoySeq: last.convoy }
}

const open = (store: Pick<Store, 'db' | 'write'>): MissionQueue => {
  let memory: Promise<Memory> | null = null
  let current: Memory | null = null
  const forget = (): void => {
    memory = null
    current = null
  }
  const saver = openSaver(store, forget)
  const loaded = (): Promise<Memory> => {
    memory ??= load(store).then(
      (fresh) => {
        current = fresh
        return fresh
      },
      (error: unknown) => {
        forget()
        throw error
      },
    )
    return memory
  }
  /** With these missions on the board too, ended ones as well. */
  const withMissions = async (ids: readonly string[], keys: readonly string[] = []): Promise<Memory> => {
    const before = await loaded()
    const lack = {
      ids: ids.filter((id) => before.board.get(id) === undefined),
      keys: keys.filter((key) => !before.keys.has(key)),
    }
    if (lack.ids.length + lack.keys.length === 0) return before
    const found = (await missionsNamed(store.db, lack)).map(missionOf)
    const now = await loaded()
    for (const mission of found) {
      if (now.board.get(mission.missionId) === undefined) now.board.put(mission)
      if (mission.idemKey !== null) now.keys.set(mission.idemKey, mission.missionId)
    }
    return now
  }
  const keep = async (mem: Memory, missions: readonly Mission[], at: Date, more: Changes = {}): Promise<void> => {
    // What was decided before was not stored: nothing may rest on it.
    if (mem !== current)
      throw new VcError('not_stored', 'an earlier step was not stored', 'look with vc doctor, then try again')
    const { board } = mem
    for (const mission of missions) board.put(mission)
    await saver.save({ missions: missions.map(missionRow), ...more }, at)
    if (board.size > MOST_IN_MEMORY) board.prune()
  }
  const takeSwept = (board: Board, at: Date): readonly Mission[] => {
    const ended = board.lapsed(at.getTime()).map(lapsed)
    for (const mission of ended) board.put(mission)
    return ended
  }

  const step = async (
    missionId: string,
    at: Date,
    next: (mission: Mission) => Step,
    texts: (after: Mission) => readonly Row[] = () => [],
  ): Promise<Step> => {
    const mem = await withMissions([missionId])
    const mission = mem.board.get(missionId)
    if (mission === undefined) throw unknownMission(missionId)
    const after = next(mission)
    if (isRefused(after)) return after
    await keep(mem, [after], at, { mission_texts: texts(after) })
    return after
  }

  return {
    async add(wishes, by, at, convoy = null) {
      const names = wishes.flatMap((wish) => [...wish.depends_on, ...wish.before])
      const ofBatch = new Set(wishes.flatMap(({ ref }) => (ref === null ? [] : [ref])))
      const keys = wishes.flatMap(({ key }) => (key === null ? [] : [key]))
      const mem = await withMissions(
        [...new Set(names)].filter((name) => !ofBatch.has(name)),
        keys,
      )
      const convoyId = convoy === null ? null : `c-${mem.convoySeq + 1}`
      const byKey = (key: string): Mission | undefined => mem.board.get(mem.keys.get(key) ?? '')
      let seq = mem.seq
      const nextSeq = (): number => ++seq
      const plan = planAdd(wishes, { board: mem.board, nextSeq, byKey, by, nowMs: at.getTime(), convoyId })
      if ('fix' in plan) return plan
      // What was refused as a whole uses up no ids.
      mem.seq = seq
      for (const { idemKey, missionId } of plan.changed) if (idemKey !== null) mem.keys.set(idemKey, missionId)
      const convoys = convoy === null ? [] : [convoyRow(++mem.convoySeq, convoy, by, at)]
      await keep(mem, plan.changed, at, { mission_texts: plan.texts, mission_convoys: convoys })
      return { missions: plan.missions, convoyId, existing: plan.existing }
    },
    async claim(claimant, at) {
      const mem = await loaded()
      const { board } = mem
      const ended = takeSwept(board, at)
      const found = board.next(claimant, at.getTime())
      if (found === null) {
        await keep(mem, ended, at)
        return nothingReady(countsOf(board, at.getTime()))
      }
      const mission = claimed(found, newClaimId(), claimant.name, at.getTime())
      await keep(mem, [...ended, mission], at)
      return mission
    },
    heartbeat: (id, reporter, at) => step(id, at, (mission) => heartbeat(mission, reporter, at.getTime())),
    complete: (id, report, at) =>
      step(
        id,
        at,
        (mission) => completed(mission, report, at.getTime()),
        (after) => reportText(after, 'output', report.output, at),
      ),
    fail: (id, { code, message, ...report }, at) =>
      step(
        id,
        at,
        (mission) => failed(mission, { ...report, failure: { code, message } }, at.getTime()),
        (after) => reportText(after, 'error', report.output, at),
      ),
    cancel: (id, by, reason, at) => step(id, at, (mission) => cancelled(mission, by, reason, at.getTime())),
    retry: (id, at) => step(id, at, retried),
    async join(ids, convoyId, at) {
      const mem = await withMissions(ids)
      const missions = ids.map((id) => {
        const mission = mem.board.get(id)
        if (mission === undefined) throw unknownMission(id)
        return { ...mission, convoyId }
      })
      await keep(mem, missions, at)
      return missions
    },
    async handOver(from, to, at) {
      const mem = await loaded()
      const ended = takeSwept(mem.board, at)
      const moved = mem.board.heldBy(from).map((mission) => handedOver(mission, newClaimId(), to, at.getTime()))
      if (ended.length + moved.length > 0) await keep(mem, [...ended, ...moved], at)
      return moved
    },
    holders: async () => new Set((await loaded()).board.holders()),
    async keepAlive(names, at) {
      const mem = await loaded()
      const nowMs = at.getTime()
      const due = [...names].flatMap((name) =>
        mem.board.heldBy(name).filter(({ claim, leaseMs }) => (claim?.leaseUntilMs ?? 0) - nowMs < leaseMs / 2),
      )
      const renewed = due
        .map((mission) => heartbeat(mission, { by: null, claimId: mission.claim?.claimId ?? null }, nowMs))
        .flatMap((step) => (isRefused(step) ? [] : [step]))
      if (renewed.length > 0) await keep(mem, renewed, at)
      return renewed.length
    },
    async sweep(at) {
      const mem = await loaded()
      const ended = takeSwept(mem.board, at)
      if (ended.length > 0) await keep(mem, ended, at)
      return ended
    },
  }
}

const newClaimId = (): string => randomBytes(9).toString('base64url')

const convoyRow = (
  seq: number,
  { title, lane }: { readonly title: string; readonly lane: string },
  by: string,
  at: Date,
): Row => ({ convoy_id: `c-${seq}`, seq, title, lane, created_at: at, created_by: by })

const reportText = (after: Mission, kind: string, body: string | null, at: Date): readonly Row[] =>
  body === null || body === ''
    ? []
    : [
        {
          ...{ mission_id: after.missionId, kind, attempt: after.attempts, ts: at },
          ...{ author: after.claim?.by ?? 'unknown', body },
        },
      ]

const countsOf = (board: Board, nowMs: number): StandingCounts =>
  countStandings([...board.all()].map((mission) => standingOf(mission, (id) => board.get(id)?.status, nowMs)))

const nothingReady = ({ ready, blocked, paused, running }: StandingCounts): Refusal => ({
  code: 'nothing_ready',
  message: `no mission is ready for this claimant (${ready} ready for others, ${blocked} blocked, ${paused} paused after a failure, ${running} running)`,
  fix: 'ask again later; vc mission list shows what waits, and on what',
})

const queues = new WeakMap<object, MissionQueue>()

/** The queue of a store: one for each, because its owner decides alone. */
export const missionQueue = (store: Pick<Store, 'db' | 'write'>): MissionQueue => {
  const known = queues.get(store.db)
  if (known !== undefined) return known
  const queue = open(store)
  queues.set(store.db, queue)
  return queue
}
