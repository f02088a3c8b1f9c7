import type { Effect, Outcome, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { type MissionText, missionBrief } from '../../core/missions/brief.ts'
import type { Claimant, Mission } from '../../core/missions/mission.ts'
import { isRefused, type Reporter, type Step } from '../../core/missions/step.ts'
import { displayText } from '../../core/text.ts'
import { missionConvoys, missionTexts, type Store } from '../../store/index.ts'
import { pausedNow } from '../engine/paused.ts'
import { finishWorktree } from '../worktrees/finish.ts'
import { missionsFromBeads } from './from-bead.ts'
import { missionQueue } from './queue.ts'
import * as wishes from './wishes.ts'

type Given = Readonly<Record<string, unknown>>

/** A mission as an answer shows it. */
export interface MissionLine {
  readonly mission: string
  readonly title: string
  readonly status: string
  readonly type: string
  readonly lane: string
  readonly priority: string
  readonly event_type: string | null
  readonly convoy: string | null
  readonly depends_on: readonly string[]
  readonly attempts: number
  readonly attempts_allowed: number
  /** Hand it in with every report. */
  readonly claim: string | null
  readonly claimed_by: string | null
  readonly lease_until: string | null
  readonly failure: { readonly code: string; readonly message: string | null } | null
}

/** What every action on the queue answers. The queue is vc's own memory, so that what is stored is what happened. */
export interface MissionActed {
  readonly outcome: Extract<Outcome, 'recorded' | 'refused'>
  readonly effects: readonly Effect[]
  readonly refusal?: Refusal
  readonly missions: readonly MissionLine[]
  readonly convoy?: string | null
  /** With a claim: what is to be done, as it was given. */
  readonly texts?: readonly MissionText[]
  /** The same as one text to hand to an agent: what others wrote stands in quotes that name their origin. */
  readonly brief?: string
}

export type MissionAction =
  | 'add'
  | 'from_bead'
  | 'claim'
  | 'heartbeat'
  | 'complete'
  | 'fail'
  | 'cancel'
  | 'retry'
  | 'join'
  | 'finish'

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())

const lineOf = (mission: Mission): MissionLine => ({
  ...{ mission: mission.missionId, title: mission.title, status: mission.status, type: mission.type },
  ...{ lane: mission.lane, priority: mission.priority, event_type: mission.eventType, convoy: mission.convoyId },
  ...{ depends_on: mission.dependsOn, attempts: mission.attempts, attempts_allowed: mission.attemptsAllowed },
  claim: mission.status === 'claimed' ? (mission.claim?.claimId ?? null) : null,
  claimed_by: mission.claim?.by ?? null,
  lease_until: mission.status === 'claimed' ? iso(mission.claim?.leaseUntilMs) : null,
  failure: mission.failure,
})

const refusedWith = (refusal: Refusal): MissionActed => ({ outcome: 'refused', effects: [], refusal, missions: [] })

const recorded = (missions: readonly Mission[], words: (mission: Mission) => string): MissionActed => ({
  outcome: 'recorded',
  effects: missions.map((mission) => ({ what: words(mission), observed: true, evidence: 'store' })),
  missions: missions.map(lineOf),
})

const stepped = (step: Step, words: (mission: Mission) => string): MissionActed =>
  isRefused(step) ? refusedWith(step) : recorded([step], words)

const afterFailing = ({ missionId, status, notBeforeMs }: Mission): string =>
  status === 'pending' ? `${missionId} is tried again, no sooner than ${iso(notBeforeMs ?? 0)}` : `${missionId} failed`

const requireConvoys = async (store: Store, ids: readonly (string | null)[]): Promise<void> => {
  const wanted = new Set(ids.filter((id) => id !== null))
  if (wanted.size === 0) return
  const known = new Set((await missionConvoys(store.db)).map((row) => row.convoy_id))
  for (const id of wanted)
    if (!known.has(id))
      throw usageError('unknown_convoy', `there is no convoy ${displayText(id, 64)}`, 'vc convoy list')
}

const add = async (store: Store, given: Given, by: string, at: Date): Promise<MissionActed> => {
  const wish = wishes.understand(wishes.AddWish, given, wishes.addHelp(given))
  await requireConvoys(
    store,
    wish.missions.map(({ convoy }) => convoy),
  )
  const added = await missionQueue(store).add(wish.missions, by, at, wish.convoy)
  if ('fix' in added) return refusedWith(added)
  const words = ({ missionId }: Mission): string =>
    added.existing.has(missionId) ? `${missionId} was there already, made with the same key` : `${missionId} is queued`
  return { ...recorded(added.missions, words), convoy: added.convoyId }
}

const claim = async (store: Store, given: Given, at: Date): Promise<MissionActed> => {
  const wish = wishes.understand(wishes.ClaimWish, given, 'vc mission claim --help')
  const paused = await pausedNow(store.db, wish.as)
  if (paused !== null) return refusedWith(paused)
  const claimant: Claimant = {
    ...{ name: wish.as, role: wish.role, types: wish.types, lanes: wish.lanes, events: wish.events },
    ...{ machineId: wish.machine, missionId: wish.mission },
  }
  const mission = await missionQueue(store).claim(claimant, at)
  if ('fix' in mission) return refusedWith(mission)
  const texts = (await missionTexts(store.db, { missionId: mission.missionId })).map(({ kind, author, body }) => ({
    ...{ kind, author, body },
  }))
  return {
    ...recorded([mission], ({ missionId }) => `${missionId} is held by ${wish.as}`),
    texts,
    brief: missionBrief(mission, texts),
  }
}

const reporterOf = (wish: { readonly as: string | null; readonly claim: string | null }): Reporter => {
  if (wish.as === null && wish.claim === null)
    throw usageError('no_reporter', 'say who reports', 'add --as <name> or --claim <id>, as the claim was answered')
  return { by: wish.as, claimId: wish.claim }
}

type Spent = {
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly cost_microusd: number | null
}
const usageOf = (wish: Spent) => ({
  usage: { inputTokens: wish.input_tokens, outputTokens: wish.output_tokens, costMicrousd: wish.cost_microusd },
})

const report = async (store: Store, action: 'heartbeat' | 'complete' | 'fail', given: Given, at: Date) => {
  const queue = missionQueue(store)
  if (action === 'heartbeat') {
    const wish = wishes.understand(wishes.HeartbeatWish, given, 'vc mission heartbeat --help')
    const step = await queue.heartbeat(wish.mission, reporterOf(wish), at)
    return stepped(step, (one) => `${one.missionId} is held until ${iso(one.claim?.leaseUntilMs)}`)
  }
  if (action === 'complete') {
    const wish = wishes.understand(wishes.CompleteWish, given, 'vc mission complete --help')
    const done = { ...reporterOf(wish), ...usageOf(wish), output: wish.output }
    return stepped(await queue.complete(wish.mission, done, at), ({ missionId }) => `${missionId} is done`)
  }
  const wish = wishes.understand(wishes.FailWish, given, 'vc mission fail --help')
  const { code, message, recoverable, output } = wish
  const failing = { ...reporterOf(wish), ...usageOf(wish), code, message, recoverable, output }
  return stepped(await queue.fail(wish.mission, failing, at), afterFailing)
}

const join = async (store: Store, given: Given, at: Date): Promise<MissionActed> => {
  const wish = wishes.understand(wishes.JoinWish, given, 'vc convoy add --help')
  await requireConvoys(store, [wish.convoy])
  const joined = await missionQueue(store).join(wish.missions, wish.convoy, at)
  if ('fix' in joined) return refusedWith(joined)
  return recorded(joined, ({ missionId }) => `${missionId} belongs to ${wish.convoy}`)
}

const fromBead = async (store: Store, given: Given, by: string, at: Date): Promise<MissionActed> => {
  const wish = wishes.understand(wishes.FromBeadWish, given, 'vc mission from-bead --help')
  const found = await missionsFromBeads(store, wish)
  return add(store, { missions: found.map((mission) => ({ ...wish.with, ...mission })) }, by, at)
}

const finish = async (store: Store, given: Given, at: Date): Promise<MissionActed> => {
  const { path, branch } = await finishWorktree(store, given, at)
  const what = `${branch} is finished and may be merged (${displayText(path, 200)})`
  return { outcome: 'recorded', effects: [{ what, observed: true, evidence: 'store' }], missions: [] }
}

/** Carries out one action on the queue where the store is open. Throws VcError (usage) for what cannot be understood. */
export const actOnMissions = async (
  store: Store,
  action: string,
  given: Given,
  by: string,
  at: Date,
): Promise<MissionActed> => {
  switch (action as MissionAction) {
    case 'add':
      return add(store, given, by, at)
    case 'claim':
      return claim(store, given, at)
    case 'heartbeat':
    case 'complete':
    case 'fail':
      return report(store, action as 'heartbeat' | 'complete' | 'fail', given, at)
    case 'from_bead':
      return fromBead(store, given, by, at)
    case 'finish':
      return finish(store, given, at)
    case 'join':
      return join(store, given, at)
    case 'cancel': {
      const wish = wishes.understand(wishes.CancelWish, given, 'vc mission cancel --help')
      const step = await missionQueue(store).cancel(wish.mission, by, wish.reason, at)
      return stepped(step, ({ missionId }) => `${missionId} is cancelled`)
    }
    case 'retry': {
      const { mission } = wishes.understand(wishes.RetryWish, given, 'vc mission retry --help')
      return stepped(await missionQueue(store).retry(mission, at), ({ missionId }) => `${missionId} is queued again`)
    }
    default:
      throw usageError(
        'bad_mission_action',
        'missions know no such action',
        'restart the daemon with this version: vc daemon stop',
      )
  }
}
