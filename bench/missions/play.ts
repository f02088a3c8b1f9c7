import type { MissionQueue } from '../../src/commands/missions/queue.ts'
import { MissionWish } from '../../src/commands/missions/wishes.ts'
import type { Mission } from '../../src/core/missions/mission.ts'

export interface PlaySize {
  readonly missions: number
  readonly claimants: number
  readonly seed: number
}

export interface PlayedQueue {
  readonly done: number
  readonly claims: number
  readonly killed: number
  readonly restarts: number
  readonly steps: number
  /** What should not have happened, in words; nothing is right. */
  readonly flaws: readonly string[]
}

/** The owner of the queue; `restart` gives the queue of the owner after it. */
export interface PlayOwner {
  readonly queue: () => MissionQueue
  restart(): Promise<void>
}

const LEASE_MS = 60_000
const STEP_MS = 15_000
const ROLES = ['coder', 'tester'] as const
const LANES = ['critical', 'standard', 'experimental']
const PRIORITIES = ['critical', 'high', 'normal', 'low']

/** Small and good enough, and the same everywhere. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What the play itself knows of a mission: told by answers, judged by rules written down once more. */
interface Told {
  readonly mission: Mission
  status: 'pending' | 'running' | 'done'
  notBeforeMs: number
  attempts: number
  holder: Claimant | null
}

interface Claimant {
  readonly name: string
  readonly role: string
  held: { readonly told: Told; readonly claimId: string; leaseUntilMs: number; left: number } | null
}

const rank = ({ mission }: Told): number =>
  (LANES.indexOf(mission.lane) * PRIORITIES.length + PRIORITIES.indexOf(mission.priority)) * 1e9 + mission.seq

const wishFor = (index: number, random: () => number): MissionWish => {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const after = index === 0 || random() < 0.6 ? [] : [`r${Math.floor(random() * index)}`]
  return MissionWish.parse({
    title: `mission ${index}`,
    ref: `r${index}`,
    lane: pick(LANES),
    priority: pick(PRIORITIES),
    to_role: random() < 0.3 ? pick(ROLES) : null,
    depends_on: after,
    lease_ms: LEASE_MS,
    max_retries: 100,
  })
}

/**
 * Claimants take missions, report, fall silent for ever and are replaced; the owner is started anew now and then. Every answer
 * is held against the play's own memory: order, dependencies, nobody twice at once, nothing lost.
 */
export const playMissions = async (owner: PlayOwner, { missions, claimants, seed }: PlaySize): Promise<PlayedQueue> => {
  const random = randomFrom(seed)
  const flaws: string[] = []
  const counts = { done: 0, claims: 0, killed: 0, restarts: 0, steps: 0 }
  let nowMs = Date.UTC(2026, 0, 10)
  const wishes = Array.from({ length: missions }, (_, index) => wishFor(index, random))
  const added = await owner.queue().add(wishes, 'play', new Date(nowMs))
  if ('fix' in added) return { ...counts, flaws: [added.message] }
  const told = new Map<string, Told>(
    added.missions.map((mission) => [
      mission.missionId,
      { mission, status: 'pending', notBeforeMs: 0, attempts: 0, holder: null },
    ]),
  )
  const pending = new Set(told.values())
  const running = new Set<Told>()
  let born = 0
  const newClaimant = (): Claimant => {
    born += 1
    return { name: `worker-${born}`, role: ROLES[born % 2] as string, held: null }
  }
  const workers = Array.from({ length: claimants }, newClaimant)
  const leases = new Map<Told, number>()

  const backToQueue = (one: Told, sinceMs: number): void => {
    one.status = 'pending'
    one.holder = null
    one.notBeforeMs = sinceMs + Math.min(300_000, 5_000 * 2 ** Math.min(20, one.attempts - 1))
    running.delete(one)
    pending.add(one)
  }
  const lapse = (): void => {
    for (const one of [...running]) {
      const leaseUntilMs = leases.get(one) ?? 0
      if (leaseUntilMs <= nowMs) backToQueue(one, leaseUntilMs)
    }
  }
  const isReady = (one: Told, role: string): boolean =>
    one.notBeforeMs <= nowMs &&
    (one.mission.toRole === null || one.mission.toRole === role) &&
    one.mission.dependsOn.every((id) => told.get(id)?.status === 'done')
  const best = (role: string): Told | null => {
    let found: Told | null = null
    for (const one of pending) if ((found === null || rank(one) < rank(found)) && isReady(one, role)) found = one
    return found
  }
  const took = (worker: Claimant, answer: Awaited<ReturnType<MissionQueue['claim']>>): void => {
    lapse()
    const expected = best(worker.role)
    if ('fix' in answer) {
      if (expected !== null) flaws.push(`${expected.mission.missionId} was ready and not given to ${worker.name}`)
      return
    }
    counts.claims += 1
    const one = told.get(answer.missionId) as Told
    if (expected !== one)
      flaws.push(`${answer.missionId} was given, ${expected?.mission.missionId ?? 'nothing'} had its turn`)
    if (one.status !== 'pending') flaws.push(`${answer.missionId} was given twice (${one.holder?.name ?? one.status})`)
    const leaseUntilMs = answer.claim?.leaseUntilMs ?? 0
    Object.assign(one, { status: 'running', holder: worker, attempts: one.attempts + 1 })
    pending.delete(one)
    running.add(one)
    leases.set(one, leaseUntilMs)
    worker.held = { told: one, claimId: answer.claim?.claimId ?? '', leaseUntilMs, left: Math.floor(random() * 6) }
  }

  const work = async (worker: Claimant): Promise<void> => {
    const { held } = worker
    if (held === null) return
    const reporter = { by: worker.name, claimId: held.claimId }
    const { missionId } = held.told.mission
    const lapsed = held.leaseUntilMs <= nowMs
    const at = new Date(nowMs)
    const usage = { inputTokens: 1, outputTokens: 1, costMicrousd: null }
    if (held.left > 0) {
      held.left -= 1
      const step = await owner.queue().heartbeat(missionId, reporter, at)
      if ('fix' in step !== lapsed) flaws.push(`a heartbeat for ${missionId} was ${lapsed ? 'taken' : 'refused'}`)
      if ('fix' in step) worker.held = null
      else {
        held.leaseUntilMs = step.claim?.leaseUntilMs ?? 0
        leases.set(held.told, held.leaseUntilMs)
      }
      return
    }
    worker.held = null
    const fails = random() < 0.1
    const report = { ...reporter, usage, output: null }
    const step = fails
      ? await owner.queue().fail(missionId, { ...report, code: 'x', message: null, recoverable: true }, at)
      : await owner.queue().complete(missionId, report, at)
    if ('fix' in step !== lapsed) flaws.push(`a report for ${missionId} was ${lapsed ? 'taken' : 'refused'}`)
    if ('fix' in step) return
    if (fails) return backToQueue(held.told, nowMs)
    held.told.status = 'done'
    running.delete(held.told)
    counts.done += 1
  }

  // One step of everybody: reports first, all at once, then the claims of whoever is free, all at once.
  const mostSteps = 50 * Math.ceil(missions / claimants) + 2_000
  while (counts.done < missions && flaws.length === 0 && counts.steps < mostSteps) {
    counts.steps += 1
    nowMs += STEP_MS
    for (const [index, worker] of workers.entries())
      if (random() < 0.02) {
        counts.killed += 1
        workers[index] = newClaimant()
        if (worker.held) worker.held = null
      }
    if (random() < 0.01) {
      counts.restarts += 1
      await owner.restart()
    }
    lapse()
    await Promise.all(workers.map(work))
    const free = workers.filter((worker) => worker.held === null)
    const answers = await Promise.all(
      free.map((worker) =>
        owner.queue().claim(
          {
            ...{ name: worker.name, role: worker.role, types: null, lanes: null, events: 'none' },
            ...{ machineId: null, missionId: null },
          },
          new Date(nowMs),
        ),
      ),
    )
    for (const [index, worker] of free.entries()) took(worker, answers[index] as (typeof answers)[number])
  }
  if (counts.done < missions && flaws.length === 0) flaws.push(`${missions - counts.done} missions were never done`)
  return { ...counts, flaws }
}
