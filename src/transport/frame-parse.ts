import { constants } from 'node:os'
import type { Answer, ScriptAsk } from '../core/ask.ts'
import {
  ASK_DEFAULTS,
  FRAME_VERSION,
  type Frame,
  type FrameSlot,
  TIMEOUT_TOOLS,
  type TimeoutTool,
} from './frame-words.ts'

const NOTHING = new Uint8Array(0)

interface Mark {
  readonly words: readonly string[]
  readonly start: number
  readonly end: number
}

/** Every marker of this frame in order. A marker may follow output that does not end its line. */
function marksOf(nonce: string, bytes: Buffer): readonly Mark[] {
  const needle = Buffer.from(`\x1e${nonce} `)
  const marks: Mark[] = []
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
    const lineEnd = bytes.indexOf(10, at)
    if (lineEnd === -1 || lineEnd - at > 200) continue
    const words = bytes.toString('latin1', at + needle.length, lineEnd).split(' ')
    marks.push({ words, start: at, end: lineEnd + 1 })
  }
  return marks
}

const secondsOf = (word: string | undefined): number | null =>
  word !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(word) ? Number(word) : null

/** stderr of each ask: what stands between its marker and the next. */
function stderrByAsk(nonce: string, bytes: Buffer): ReadonlyMap<number, Uint8Array> {
  const marks = marksOf(nonce, bytes)
  const found = new Map<number, Uint8Array>()
  marks.forEach((mark, i) => {
    if (mark.words[0] !== 'ask') return
    const end = marks[i + 1]?.start ?? bytes.length
    found.set(Number(mark.words[1]), bytes.subarray(mark.end, Math.min(end, mark.end + ASK_DEFAULTS.maxStderr)))
  })
  return found
}

// Numbers above these differ between systems; the name is a courtesy, so they keep their number.
const SHARED_SIGNALS = new Set([1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 14, 15])
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))
const signalName = (number: number): string =>
  (SHARED_SIGNALS.has(number) ? SIGNAL_NAMES.get(number) : undefined) ?? `SIG${number}`

interface Ended {
  readonly status: number
  readonly tool: TimeoutTool
  readonly limitS: number
  readonly tookS: number | null
}

// 124 is also what a script may say by itself: it was the deadline only if that much time had passed.
function timedOut({ status, tool, limitS, tookS }: Ended): boolean {
  if (tool === 'none') return false
  const longEnough = tookS === null || tookS >= limitS - 0.05
  if (status === 124) return longEnough
  return (status === 137 || status === 143) && tookS !== null && longEnough
}

type Ending = Pick<Answer, 'fault' | 'detail' | 'exitCode' | 'signal'>

function endingOf(ended: Ended): Ending {
  const { status } = ended
  if (timedOut(ended)) {
    return { fault: 'timeout', detail: `ended by its deadline of ${ended.limitS} s`, exitCode: null, signal: null }
  }
  if (status > 128 && status <= 128 + 64) {
    const signal = signalName(status - 128)
    return { fault: 'exit_code', detail: `ended by ${signal}`, exitCode: null, signal }
  }
  return { fault: null, detail: null, exitCode: status, signal: null }
}

/** One finished ask as an answer: a cut output is a fault even when the script then ended well. */
function answerOf(ending: Ending, stdout: Uint8Array, stderr: Uint8Array, maxBytes: number, ms: number): Answer {
  const truncated = stdout.length > maxBytes
  const kept = truncated ? stdout.subarray(0, maxBytes) : stdout
  const cut = { fault: 'truncated', detail: `more than ${maxBytes} bytes` } as const
  const fault = truncated && ending.fault === null ? cut : {}
  return { ...ending, ...fault, stdout: kept, stderr, truncated, durationMs: ms }
}

export interface FrameOutput {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Wall time of the exec: the duration of an ask on a machine without a clock readable by the shell. */
  readonly execMs: number
}

/**
 * Bytes of one exec to a slot per ask. Never throws, whatever the bytes; everything before the first marker (login
 * banners, rc files) is dropped, everything complete is kept.
 */
export function parseFrame(nonce: string, asks: readonly ScriptAsk[], output: FrameOutput): Frame {
  const bytes = bufferOf(output.stdout)
  const marks = marksOf(nonce, bytes)
  const first = marks.findIndex((mark) => mark.words[0] === 'begin')
  const begin = marks[first]
  const slots: FrameSlot[] = asks.map(() => ({ is: 'unstarted' }))
  const tool = TIMEOUT_TOOLS.find((name) => name === begin?.words[2]) ?? null
  if (begin === undefined || begin.words[1] !== String(FRAME_VERSION) || tool === null)
    return { begun: false, complete: false, tool: null, slots }
  const errors = stderrByAsk(nonce, bufferOf(output.stderr))
  const rest = marks.slice(first + 1)
  rest.forEach((mark, i) => {
    const index = Number(mark.words[1])
    const ask = asks[index]
    if (ask === undefined || slots[index]?.is !== 'unstarted') return
    if (mark.words[0] === 'late') slots[index] = { is: 'late' }
    if (mark.words[0] !== 'ask') return
    const stderr = errors.get(index) ?? NOTHING
    slots[index] = slotOf({ mark, end: rest[i + 1], ask, bytes, stderr, tool, execMs: output.execMs })
  })
  return { begun: true, complete: rest.at(-1)?.words[0] === 'done', tool, slots }
}

interface SlotInput {
  readonly mark: Mark
  readonly end: Mark | undefined
  readonly ask: ScriptAsk
  readonly bytes: Buffer
  readonly stderr: Uint8Array
  readonly tool: TimeoutTool
  readonly execMs: number
}

function slotOf({ mark, end, ask, bytes, stderr, tool, execMs }: SlotInput): FrameSlot {
  const word = end?.words[2] ?? ''
  if (end?.words[0] !== 'end' || end.words[1] !== mark.words[1] || !/^\d{1,3}$/.test(word))
    return { is: 'cut', stdout: bytes.subarray(mark.end), stderr }
  const [from, to] = [secondsOf(mark.words[2]), secondsOf(end.words[3])]
  const tookS = from !== null && to !== null && to >= from ? to - from : null
  const ending = endingOf({
    status: Number(word),
    tool,
    limitS: secondsOf(mark.words[3]) ?? Number.POSITIVE_INFINITY,
    tookS,
  })
  const durationMs = tookS === null ? Math.round(execMs) : Math.round(tookS * 1000)
  const maxBytes = ask.maxBytes ?? ASK_DEFAULTS.maxBytes
  return { is: 'done', answer: answerOf(ending, bytes.subarray(mark.end, end.start), stderr, maxBytes, durationMs) }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
