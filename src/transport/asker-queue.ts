import pLimit from 'p-limit'
import type { Answer, ScriptAsk } from '../core/ask.ts'
import type { Executor } from '../core/executor.ts'
import { openEndings } from './endings.ts'
import { askName, type TimeoutTool } from './frame.ts'
import { execFrame, type FrameRun, type Outcome } from './frame-exec.ts'
import { noAnswer } from './frame-faults.ts'

/** One question on its way. `settle` may come early (its run was given up); later words are then ignored. */
export interface Pending {
  readonly ask: ScriptAsk
  readonly tries: number
  /** See RunRequest: an exec is as patient as everybody in it. */
  readonly patient: boolean
  readonly isSettled: () => boolean
  readonly settle: (answer: Answer, lost: boolean) => void
  /** Called when an exec that carries this ask should end if nobody waits for it any more. */
  readonly onGivenUp: (listener: () => void) => void
}

export interface LaneStats {
  execs: number
  asks: number
  bytes: number
}

export interface ExecLanes {
  send(pending: readonly Pending[]): void
  readonly stats: Readonly<LaneStats>
  timeoutTool(): TimeoutTool | null
  close(): void
}

const MAX_ASKS_PER_FRAME = 64
const MAX_SUSPECTS = 256
const SUSPECT_ROUNDS = 10

const suspectKey = ({ script, args }: ScriptAsk): string => `${askName(script) ?? script}\0${args?.[0] ?? ''}`

/** Sends asks as frames: the quick ones together, slow ones and recent offenders in an exec of their own. */
export function openLanes(executor: Executor, maxInFlight: number): ExecLanes {
  const inFlight = pLimit(maxInFlight)
  // Hanging tools with an exec each would else keep the quick questions of the next ticks from any.
  const aside = pLimit(Math.max(1, maxInFlight - 1))
  const endings = openEndings()
  const stats: LaneStats = { execs: 0, asks: 0, bytes: 0 }
  const suspects = new Map<string, number>()
  let tool: TimeoutTool | null = null
  let held = 0

  // An ask that hung or flooded once travels alone for a while, so that it delays nobody twice.
  const isAlone = (ask: ScriptAsk): boolean => {
    const rounds = suspects.get(suspectKey(ask)) ?? 0
    if (rounds === 1) suspects.delete(suspectKey(ask))
    else if (rounds > 1) suspects.set(suspectKey(ask), rounds - 1)
    return ask.slow === true || rounds > 0
  }
  const suspect = (ask: ScriptAsk): void => {
    const oldest = suspects.keys().next().value
    if (suspects.size >= MAX_SUSPECTS && oldest !== undefined) suspects.delete(oldest)
    suspects.set(suspectKey(ask), SUSPECT_ROUNDS)
  }

  const exec = async (group: readonly Pending[], giveUpPlace: () => void): Promise<void> => {
    const open = group.filter((pending) => !pending.isSettled())
    if (open.length === 0) return
    const { ending, over } = endings.begin()
    const carried = new Set(open)
    const endIfUnwanted = (): void => {
      if ([...carried].every((pending) => pending.isSettled())) ending.abort()
    }
    for (const { onGivenUp } of open) onGivenUp(endIfUnwanted)
    stats.execs += 1
    stats.asks += open.length
    const lastTry = open.some((pending) => pending.tries > 0)
    const { signal } = ending
    const asks = open.map((pending) => pending.ask)
    let isHeld = false
    const onEarly = (outcomes: readonly (Outcome | null)[]): void => {
      const told = open.map((pending, i) => (carried.has(pending) ? (outcomes[i] ?? null) : null))
      open.forEach((pending, i) => {
        if (told[i] !== null) carried.delete(pending)
      })
      // Its place goes to those that waited behind it, as long as it is not half the channels of a connection that hang.
      if (!isHeld && held < maxInFlight) {
        isHeld = true
        held += 1
        giveUpPlace()
      }
      // Each time at least the ask that held them up stays behind, so this is no try of theirs.
      take(open, told, 0)
      endIfUnwanted()
    }
    const patient = open.every((pending) => pending.patient)
    const options = { executor, remoteTimeout: tool ?? 'auto', lastTry, onEarly, patient, signal } as const
    const ran = await execFrame(asks, options).finally(() => {
      if (isHeld) held -= 1
      over()
    })
    stats.bytes += ran.bytes
    learnTool(ran)
    const rest = open.map((pending, i) => (carried.has(pending) ? (ran.outcomes[i] ?? null) : null))
    take(open, rest, 1)
  }

  const learnTool = (ran: FrameRun): void => {
    if (ran.tool !== null) tool = ran.tool
    // Nothing could be started: perhaps the time-out tool itself went away. The next frame looks again.
    if (ran.outcomes.every((one) => one.is === 'answer' && one.answer.exitCode === 127)) tool = null
  }

  const take = (open: readonly Pending[], outcomes: readonly (Outcome | null)[], tried: 0 | 1): void => {
    const again: Pending[] = []
    const alone: Pending[] = []
    open.forEach((pending, i) => {
      const outcome = outcomes[i] ?? null
      if (outcome === null) return
      if (outcome.is === 'again') (outcome.alone ? alone : again).push({ ...pending, tries: pending.tries + tried })
      else {
        const { fault } = outcome.answer
        if (fault === 'timeout' || fault === 'truncated') suspect(pending.ask)
        pending.settle(outcome.answer, outcome.lost)
      }
    })
    for (const group of chunks(again)) void start(group)
    for (const one of alone) startAside(one)
  }

  const start = (group: readonly Pending[]): Promise<void> =>
    inFlight(() => {
      const place = Promise.withResolvers<void>()
      const ran = exec(group, place.resolve).catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error)
        for (const { settle } of group) settle(noAnswer({ fault: 'bad_output', detail }), false)
      })
      return Promise.race([ran, place.promise])
    })
  const startAside = (one: Pending): void => void aside(() => start([one]))

  return {
    send(pending) {
      const [alone, together]: Pending[][] = [[], []]
      for (const one of pending) (isAlone(one.ask) ? alone : together)?.push(one)
      for (const group of chunks(together ?? [])) void start(group)
      for (const one of alone ?? []) startAside(one)
    },
    stats,
    timeoutTool: () => tool,
    close: () => endings.close(),
  }
}

const chunks = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / MAX_ASKS_PER_FRAME) }, (_, i) =>
    items.slice(i * MAX_ASKS_PER_FRAME, (i + 1) * MAX_ASKS_PER_FRAME),
  )
