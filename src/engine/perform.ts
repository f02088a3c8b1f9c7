import { setTimeout as sleep } from 'node:timers/promises'
import type { Refusal } from '../core/action.ts'
import type {
  AgentAdapter,
  AgentPlan,
  AgentSight,
  Choice,
  Look,
  PlanEnd,
  PlanProof,
  PlanStep,
  Readiness,
} from '../core/agent-adapter.ts'
import type { AgentEye } from '../core/agent-eye.ts'
import type { PaneRef, SessionHost, Typed } from '../core/session-host.ts'
import { displayText } from '../core/text.ts'
import { pasteText } from './adapters/prompt-text.ts'
import { holds, type LookContext } from './look.ts'
import { screenJudge, shownPieces } from './perform-judge.ts'
import { type Performed, performed } from './performed.ts'

/** One agent within reach: its terminal, an eye on it, and its manners. */
export interface AgentReach {
  readonly host: SessionHost
  readonly ref: PaneRef
  readonly eye: AgentEye
  readonly adapter: AgentAdapter
  /** Seconds without a person's key before vc types; default 5. */
  readonly humanQuietS?: number
  /** Time as the plan counts it; default this machine's. */
  readonly time?: PlanTime
}

export interface PlanTime {
  nowMs(): number
  pause(ms: number): Promise<unknown>
}

const OWN_TIME: PlanTime = { nowMs: () => performance.now(), pause: (ms) => sleep(ms) }

/** What to do with an agent. */
export type AgentAsk =
  | { readonly verb: 'deliver'; readonly prompt: string }
  | { readonly verb: 'answer'; readonly choice: Choice; readonly dialogHash: string }
  | { readonly verb: 'interrupt' | 'compact' | 'quit' }

const LOOK_EVERY_MS = 150
// between keys of one step: two in the same instant count as one in some
const KEY_PAUSE_MS = 300

// A proof on the screen must hold twice: half-drawn screens show neither dialog nor text.
const needsTwice = (proof: PlanProof): boolean => proof.by !== 'transcript'

/** One run of one plan; holds what was pressed so far. */
function openRun(before: AgentSight, reach: AgentReach) {
  const { host, ref, eye, adapter, time = OWN_TIME } = reach
  const { pause, nowMs } = time
  const context: LookContext = { adapter, before }
  const presses: string[] = []
  let last = before
  let stopped: Refusal | null = null

  const look = async (): Promise<AgentSight> => {
    last = await eye.look()
    return last
  }
  const sees = (that: Look): boolean => holds(that, last, context)

  const type = async (step: Extract<PlanStep, { do: 'paste' | 'keys' }>): Promise<boolean> => {
    await look()
    if (!sees(step.onlyIf)) {
      stopped = {
        code: 'precondition',
        message: 'what must be on the screen is not there now',
        fix: 'look again, then retry',
      }
      return false
    }
    const precondition = {
      screen: screenJudge(step.onlyIf, last, context, eye),
      stillShows: shownPieces(step.onlyIf, last),
      ...(reach.humanQuietS === undefined ? {} : { humanQuietS: reach.humanQuietS }),
    }
    const request = step.do === 'paste' ? { text: step.text } : { keys: step.keys, keyPauseMs: KEY_PAUSE_MS }
    const typed: Typed = await host.type(ref, request, precondition)
    if (typed.is === 'typed' || typed.is === 'outcome_unknown')
      presses.push(...(step.do === 'paste' ? [`paste:${step.text.length}`] : step.keys))
    if (typed.is === 'typed') return true
    const code = typed.is === 'refused' ? typed.why : typed.is === 'trouble' ? typed.code : 'outcome_unknown'
    const message = displayText('message' in typed ? typed.message : typed.detail, 200)
    stopped = { code, message, fix: 'look at it: vc session attach' }
    return false
  }

  const until = async (that: Look, withinMs: number): Promise<boolean> => {
    const end = nowMs() + withinMs
    for (;;) {
      await look()
      if (sees(that)) return true
      if (nowMs() > end) return false
      await pause(LOOK_EVERY_MS)
    }
  }

  const firstOf = async (proofs: readonly PlanProof[]): Promise<PlanProof | null> => {
    const proof = proofs.find((one) => sees(one.look))
    if (proof === undefined || !needsTwice(proof)) return proof ?? null
    await pause(2 * LOOK_EVERY_MS)
    await look()
    return sees(proof.look) ? proof : null
  }

  return {
    host: host.kind,
    presses,
    look,
    sees,
    type,
    until,
    firstOf,
    pause,
    nowMs,
    last: () => last,
    stopped: () => stopped,
  }
}

type Run = ReturnType<typeof openRun>

/** The steps in order; an end when they could not all be done. */
async function takeSteps(plan: AgentPlan, run: Run): Promise<PlanEnd | null> {
  for (const step of plan.steps) {
    if (step.do === 'pause') await run.pause(step.ms)
    else if (step.do === 'wait') {
      if (!(await run.until(step.until, step.withinMs))) return step.otherwise === 'prove' ? null : step.otherwise
    } else if (!(await run.type(step))) return 'not_seen'
  }
  return null
}

/** Looks for a proof; presses the retry keys, never text, while nothing changed. */
async function prove(plan: AgentPlan, run: Run): Promise<PlanProof | null> {
  const end = run.nowMs() + plan.withinMs
  let pressedAt = run.nowMs()
  let again = 0
  while (run.nowMs() < end) {
    await run.look()
    const proof = await run.firstOf(plan.proofs)
    if (proof !== null) return proof
    const { retry } = plan
    const due = retry !== null && again < retry.atMost && run.nowMs() - pressedAt >= retry.afterMs
    if (due && run.sees(retry.when)) {
      again += 1
      pressedAt = run.nowMs()
      await run.type({ do: 'keys', keys: retry.keys, onlyIf: retry.when })
    }
    await run.pause(LOOK_EVERY_MS)
  }
  return null
}

/**
 * Carries out one plan on the agent that `before` was seen of. A refusal means that nothing was pressed; an end is only
 * what was seen afterwards.
 */
export async function performPlan(
  plan: AgentPlan,
  before: AgentSight,
  reach: AgentReach,
): Promise<Performed | Refusal> {
  const run = openRun(before, reach)
  if (!holds(plan.expects, before, { adapter: reach.adapter, before }))
    return { code: 'precondition', message: 'the agent is not as this plan expects it', fix: 'look again, then retry' }
  const broken = await takeSteps(plan, run)
  const stopped = run.stopped()
  if (stopped !== null && run.presses.length === 0) return stopped
  if (broken === null) {
    const proof = await prove(plan, run)
    if (proof !== null) return performed(plan, proof.end, proof.by, run)
  } else await run.look()
  const fallback = await run.firstOf(plan.otherwise)
  if (fallback !== null) return performed(plan, fallback.end, fallback.by, run)
  return performed(plan, broken ?? 'not_seen', null, run)
}

const writers = new Map<string, Promise<unknown>>()

/** One at a time per terminal: two plans must not type between one another's keys. */
async function alone<Value>({ socket, paneId, machineId }: PaneRef, work: () => Promise<Value>): Promise<Value> {
  const key = `${machineId} ${socket} ${paneId}`
  const mine = (writers.get(key) ?? Promise.resolve()).then(work, work)
  const settled = mine.catch(() => undefined)
  writers.set(key, settled)
  try {
    return await mine
  } finally {
    if (writers.get(key) === settled) writers.delete(key)
  }
}

const planFor = (ask: AgentAsk, sight: AgentSight, adapter: AgentAdapter) => {
  if (ask.verb === 'deliver') return adapter.deliver(ask.prompt, sight)
  if (ask.verb === 'answer') return adapter.answer(ask.choice, ask.dialogHash, sight)
  return adapter[ask.verb](sight)
}

/** Looks, plans and carries out, alone on this terminal. A refusal means that nothing was pressed. */
export const performAsk = (ask: AgentAsk, reach: AgentReach): Promise<Performed | Refusal> =>
  alone(reach.ref, async () => {
    const { eye, adapter } = reach
    try {
      if (ask.verb === 'deliver') await eye.watch(pasteText(ask.prompt))
      const before = await eye.look()
      const planned = planFor(ask, before, adapter)
      if ('refused' in planned) return { code: planned.code, message: planned.message, fix: planned.fix }
      return await performPlan(planned, before, reach)
    } finally {
      await eye.watch(null)
    }
  })

export type ReadyAnswer =
  | { readonly ready: true; readonly sight: AgentSight; readonly afterMs: number }
  | { readonly ready: false; readonly readiness: Readiness; readonly sight: AgentSight }

export interface WaitReady {
  readonly resumed: boolean
  readonly withinMs: number
  /** A turn that runs is told at once, too. */
  readonly busyIsEnough?: boolean
}

/** Waits until the agent is ready and stays so for as long as its CLI needs; an end or a dialog of its start is told at once. */
export async function waitReady(reach: AgentReach, options: WaitReady): Promise<ReadyAnswer> {
  const settleMs = options.resumed ? reach.adapter.settleMs.resumed : reach.adapter.settleMs.fresh
  const { pause, nowMs } = reach.time ?? OWN_TIME
  const from = nowMs()
  let since: number | null = null
  for (;;) {
    const sight = await reach.eye.look()
    const readiness = reach.adapter.readiness(sight, options.resumed)
    const now = nowMs()
    since = readiness.ready ? (since ?? now) : null
    if (since !== null && now - since >= settleMs) return { ready: true, sight, afterMs: now - from }
    const told = options.busyIsEnough === true ? ['ended', 'dialog', 'busy', 'stopped'] : ['ended', 'dialog']
    const final = !readiness.ready && told.includes(readiness.why)
    if (final || now - from > options.withinMs) return { ready: false, readiness, sight }
    await pause(LOOK_EVERY_MS)
  }
}
