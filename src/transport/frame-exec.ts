import { randomBytes } from 'node:crypto'
import type { Answer, ScriptAsk } from '../core/ask.ts'
import type { Executor, RunOutput, RunResult } from '../core/executor.ts'
import {
  ASK_DEFAULTS,
  composeCall,
  composeFrame,
  type Frame,
  type FrameSlot,
  parseFrame,
  type TimeoutTool,
} from './frame.ts'
import { noAnswer, type Trouble, troubleOf, troubleWithoutFrame } from './frame-faults.ts'
import { watchHeld } from './frame-held.ts'

/**
 * `again`: this ask got no turn, or not to its end, and may be asked in another exec; `alone` if it was the one that
 * ran when the frame broke off.
 */
export type Outcome =
  | { readonly is: 'answer'; readonly answer: Answer; readonly lost: boolean }
  | { readonly is: 'again'; readonly alone: boolean }

export interface FrameRun {
  readonly outcomes: readonly Outcome[]
  /** What the machine has to end asks with, once a frame told. */
  readonly tool: TimeoutTool | null
  readonly bytes: number
  readonly durationMs: number
}

export interface FrameExecOptions {
  readonly executor: Executor
  readonly remoteTimeout: TimeoutTool | 'auto'
  /** Asks that got no turn are answered with the trouble instead of `again`. */
  readonly lastTry: boolean
  /**
   * What there is while one ask holds up the others: an answer, or `again` for those that wait behind it, and null for
   * itself. Called a second time if it ends before the exec does: then only it has an outcome, and the exec may end.
   */
  readonly onEarly?: (outcomes: readonly (Outcome | null)[]) => void
  readonly patient?: boolean
  readonly signal?: AbortSignal
}

/** Longest a frame of many asks may take before the rest of it moves to another exec. */
const MAX_FRAME_MS = 30_000
const MAX_FRAME_BYTES = 32 * 1024 * 1024
// The exec outlives the frame by the kill grace and a second: what the frame knows about itself is worth the wait.
const EXEC_GRACE_MS = 3_000
const PER_ASK_BYTES = 512
const BANNER_BYTES = 64 * 1024
// As much as `vc machines probe` reads: what has said more than this before our marker will not come to it.
const GREETING_BYTES = 256 * 1024

const timeoutOf = (ask: ScriptAsk): number => ask.timeoutMs ?? ASK_DEFAULTS.timeoutMs
const maxBytesOf = (ask: ScriptAsk): number => ask.maxBytes ?? ASK_DEFAULTS.maxBytes

function limitsOf(asks: readonly ScriptAsk[]) {
  const longestMs = Math.max(...asks.map(timeoutOf))
  const allMs = asks.reduce((sum, ask) => sum + timeoutOf(ask) + 1000, 1000)
  const deadlineMs = Math.min(allMs, Math.max(longestMs + 2000, MAX_FRAME_MS))
  const largest = Math.max(...asks.map(maxBytesOf))
  const all = asks.reduce((sum, ask) => sum + maxBytesOf(ask) + PER_ASK_BYTES, BANNER_BYTES)
  return { deadlineMs, maxStdout: Math.min(all, Math.max(largest + BANNER_BYTES, MAX_FRAME_BYTES)) }
}

/** One exec for these asks. Never rejects for trouble of the machine. */
export async function execFrame(asks: readonly ScriptAsk[], options: FrameExecOptions): Promise<FrameRun> {
  const { executor, remoteTimeout, signal, patient = false } = options
  const { deadlineMs, maxStdout } = limitsOf(asks)
  const nonce = randomBytes(16).toString('hex')
  const started = performance.now()
  const watch = watchOf(nonce, asks, options)
  const running = executor.run({
    script: composeFrame(asks, { nonce, remoteTimeout, deadlineMs }),
    deadlineMs: deadlineMs + EXEC_GRACE_MS,
    maxStdout,
    maxStderr: ASK_DEFAULTS.maxStderr * (asks.length + 1),
    greeting: { text: nonce, withinBytes: GREETING_BYTES },
    patient,
    ...(patient && remoteTimeout !== 'auto' ? { call: composeCall(asks, { nonce, remoteTimeout, deadlineMs }) } : {}),
    ...(watch === null ? {} : { soFar: watch.begin }),
    ...(signal === undefined ? {} : { signal }),
  })
  const run = await running.finally(() => watch?.stop())
  const durationMs = performance.now() - started
  const frame = parseFrame(nonce, asks, { stdout: run.stdout, stderr: run.stderr, execMs: run.timings.execMs })
  const outcomes = outcomesOf(asks, frame, run, options.lastTry)
  return { outcomes, tool: frame.tool, bytes: run.stdout.length + run.stderr.length, durationMs }
}

function watchOf(nonce: string, asks: readonly ScriptAsk[], { onEarly }: FrameExecOptions) {
  if (onEarly === undefined || asks.length < 2) return null
  const started = performance.now()
  let stop = (): void => {}
  const begin = (look: () => RunOutput): void => {
    stop()
    stop = watchHeld(look, {
      read: (output) => parseFrame(nonce, asks, { ...output, execMs: performance.now() - started }),
      onHeld: ({ frame, index }) => onEarly(frame.slots.map((slot, i) => (i === index ? null : earlyOutcome(slot)))),
      onOver: (index, slot) => onEarly(asks.map((_, i) => (i === index ? earlyOutcome(slot) : null))),
    })
  }
  return { begin, stop: () => stop() }
}

const earlyOutcome = (slot: FrameSlot): Outcome =>
  slot.is === 'done' ? { is: 'answer', answer: slot.answer, lost: false } : { is: 'again', alone: false }

/** Slots to answers: complete ones stay, whatever became of the exec; the rest share its trouble or get another try. */
export function outcomesOf(
  asks: readonly ScriptAsk[],
  frame: Frame,
  run: RunResult,
  lastTry: boolean,
): readonly Outcome[] {
  if (!frame.begun) {
    const answer = noAnswer(troubleWithoutFrame(run), { durationMs: run.timings.execMs })
    return asks.map(() => ({ is: 'answer', answer, lost: true }))
  }
  const trouble = troubleOf(run)
  const wayLost = !['exit_code', 'timeout', 'truncated'].includes(trouble.fault)
  const alone = asks.length === 1
  return asks.map((ask, index) => {
    const slot = frame.slots[index] ?? { is: 'unstarted' }
    if (slot.is === 'done') return { is: 'answer', answer: slot.answer, lost: false }
    if (wayLost) return { is: 'answer', answer: lostAnswer(slot, trouble, run), lost: true }
    if (slot.is === 'cut') return cutOutcome(ask, slot, trouble, run, lastTry || alone)
    if (!lastTry) return { is: 'again', alone: false }
    const detail = `not begun: the asks before it took all the time (${trouble.detail})`
    return { is: 'answer', answer: noAnswer({ fault: 'timeout', detail }), lost: false }
  })
}

const lostAnswer = (slot: FrameSlot, trouble: Trouble, run: RunResult): Answer =>
  noAnswer(trouble, { ...(slot.is === 'cut' ? slot : {}), durationMs: run.timings.execMs })

// The one that ran when the exec was ended is the offender if it flooded or hung; else it may try again by itself.
function cutOutcome(
  ask: ScriptAsk,
  slot: FrameSlot & { is: 'cut' },
  trouble: Trouble,
  run: RunResult,
  final: boolean,
): Outcome {
  const kept = { stderr: slot.stderr, durationMs: run.timings.execMs }
  const maxBytes = maxBytesOf(ask)
  if (slot.stdout.length > maxBytes) {
    const stdout = slot.stdout.subarray(0, maxBytes)
    const answer = noAnswer({ fault: 'truncated', detail: `more than ${maxBytes} bytes` }, { ...kept, stdout })
    return { is: 'answer', answer, lost: false }
  }
  if (!final && trouble.fault !== 'timeout') return { is: 'again', alone: true }
  return { is: 'answer', answer: noAnswer(trouble, { ...kept, stdout: slot.stdout }), lost: false }
}
