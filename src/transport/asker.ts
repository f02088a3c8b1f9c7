import type {
  Answer,
  Asker,
  AskNote,
  FileStat,
  RangeAnswer,
  RangeRequest,
  ScriptAsk,
  SqliteAnswer,
} from '../core/ask.ts'
import type { Executor } from '../core/executor.ts'
import type { Fault } from '../core/faults.ts'
import { type AskMeter, deliver, newMeter, noteAsk } from './asker-meter.ts'
import { type ExecLanes, type LaneStats, openLanes, type Pending } from './asker-queue.ts'
import { readRangeHere, statHere } from './files.ts'
import { readRangeThere, statThere } from './files-remote.ts'
import { askName, checkAsk, type TimeoutTool } from './frame.ts'
import { noAnswer } from './frame-faults.ts'
import { type LocalLooks, openLocalLooks } from './local-looks.ts'
import { sqliteHere } from './sqlite.ts'
import { sqliteThere } from './sqlite-remote.ts'

export interface AskerOptions {
  readonly executor: Executor
  /** This machine: files and SQLite are read in process; scripts still go through the executor. */
  readonly local: boolean
  /** Execs in flight per machine, besides as many at most that hang and gave their place up; default 4. */
  readonly maxInFlight?: number
  /** How long questions wait for runs that are busy with something else; default 25 ms. */
  readonly graceMs?: number
  /** Answers about this machine that need no process; default what vc knows how to read, null: every script is run. */
  readonly looks?: LocalLooks | null
  /** Worker pool for local SQLite reads, which would block this thread; without it they run here. */
  readonly work?: <Result>(job: URL, payload: unknown) => Promise<Result>
}

/** The questions of one run. `end` must be called: others wait for a run that might still ask. */
export interface RunAsker extends Asker {
  readonly meter: AskMeter
  end(): void
}

export interface MachineAsker {
  /** Begin all runs of a tick before the first of them asks: then their questions travel together. */
  beginRun(signal?: AbortSignal, patient?: boolean): RunAsker
  readonly stats: Readonly<LaneStats>
  /** What the machine has to end asks with; null before its first frame, `none` is worth a warning. */
  timeoutTool(): TimeoutTool | null
  close(): void
}

interface Run {
  waiting: number
  readonly patient: boolean
}

const GIVEN_UP = noAnswer({ fault: 'cancelled', detail: 'the run was given up' })

/**
 * The mouth of one machine: questions of all its running collectors become one exec as soon as every run waits for an
 * answer (or after `graceMs`), and one more for those that depend on answers.
 */
export function openAsker(options: AskerOptions): MachineAsker {
  const lanes = openLanes(options.executor, options.maxInFlight ?? 4)
  const flush = flusher(lanes, options.graceMs ?? 25)
  const looks = options.local ? (options.looks === undefined ? openLocalLooks() : options.looks) : null
  return {
    stats: lanes.stats,
    timeoutTool: () => lanes.timeoutTool(),
    close: () => lanes.close(),
    beginRun(signal, patient = false) {
      const run: Run = { waiting: 0, patient }
      const meter = newMeter()
      flush.begin(run)
      const ask = (what: ScriptAsk): Promise<Answer> =>
        new Promise((resolve) => {
          // Refused here, an impossible ask is the fault of one run and not of the whole frame.
          checkAsk(what)
          flush.push(run, pendingFor(run, meter, what, signal, resolve))
        })
      const asked = looks === null ? ask : hereFirst(looks, { run, meter, ...(signal ? { signal } : {}) }, ask)
      return { ...questions(options, meter, asked), meter, end: () => flush.end(run) }
    },
  }
}

const noteOf = (ask: ScriptAsk, answer: Answer): AskNote => ({
  name: askName(ask.script) ?? '(unnamed)',
  args: ask.args ?? [],
  fault: answer.fault,
  exitCode: answer.exitCode,
  bytes: answer.stdout.length + answer.stderr.length,
  durationMs: answer.durationMs,
})

interface Here {
  readonly run: Run
  readonly meter: AskMeter
  readonly signal?: AbortSignal
}

/** Asks the script only what cannot be told without a process. Meanwhile the run counts as waiting: nobody waits for it. */
const hereFirst =
  (looks: LocalLooks, { run, meter, signal }: Here, ask: (what: ScriptAsk) => Promise<Answer>) =>
  async (what: ScriptAsk): Promise<Answer> => {
    const from = performance.now()
    run.waiting += 1
    const text = await looks.answer(what).finally(() => {
      run.waiting -= 1
    })
    if (text === null) {
      const answer = await ask(what)
      looks.learn(what, answer)
      return answer
    }
    if (signal?.aborted) return GIVEN_UP
    const stdout = Buffer.from(text, 'utf8')
    meter.asks += 1
    meter.bytes += stdout.length
    const none = { fault: null, detail: null, signal: null, stderr: new Uint8Array(0), truncated: false }
    const answer: Answer = { ...none, exitCode: 0, stdout, durationMs: performance.now() - from }
    noteAsk(meter, () => ({ ...noteOf(what, answer), exitCode: null }))
    return new Promise((resolve) => deliver(meter, answer, resolve))
  }

/** Collects questions until every run that began waits for an answer. */
function flusher(lanes: ExecLanes, graceMs: number) {
  const runs = new Set<Run>()
  let queue: Pending[] = []
  let settling = false
  let grace: NodeJS.Timeout | null = null

  const send = (): void => {
    if (grace !== null) clearTimeout(grace)
    grace = null
    const going = queue
    queue = []
    if (going.length > 0) lanes.send(going)
  }
  const check = (): void => {
    settling = false
    if (queue.length === 0) return
    if ([...runs].every((run) => run.waiting > 0)) send()
    else grace ??= setTimeout(send, graceMs)
  }
  // After the microtasks: a collector that asks twice in a row has then asked twice.
  const settle = (): void => {
    if (settling) return
    settling = true
    setImmediate(check)
  }
  return {
    begin: (run: Run) => void runs.add(run),
    push(run: Run, pending: Pending) {
      run.waiting += 1
      queue.push(pending)
      settle()
    },
    end(run: Run) {
      runs.delete(run)
      settle()
    },
  }
}

function pendingFor(
  run: Run,
  meter: AskMeter,
  ask: ScriptAsk,
  signal: AbortSignal | undefined,
  resolve: (answer: Answer) => void,
): Pending {
  let settled = false
  let givenUp: () => void = () => {}
  const settle = (answer: Answer, lost: boolean): void => {
    if (settled) return
    settled = true
    signal?.removeEventListener('abort', giveUp)
    meter.bytes += answer.stdout.length + answer.stderr.length
    noteAsk(meter, () => noteOf(ask, answer))
    if (lost && answer.fault !== null) meter.lost ??= { fault: answer.fault, detail: answer.detail }
    deliver(meter, answer, (value) => {
      run.waiting -= 1
      resolve(value)
    })
  }
  const giveUp = (): void => {
    settle(GIVEN_UP, false)
    givenUp()
  }
  meter.asks += 1
  if (signal?.aborted) giveUp()
  else signal?.addEventListener('abort', giveUp)
  const onGivenUp = (listener: () => void): void => {
    givenUp = listener
  }
  return { ask, tries: 0, patient: run.patient, isSettled: () => settled, settle, onGivenUp }
}

const faultOf = (value: unknown): Fault | null =>
  typeof value === 'object' && value !== null && 'is' in value && value.is === 'fault' && 'fault' in value
    ? (value.fault as Fault)
    : null

function questions(options: AskerOptions, meter: AskMeter, run: (ask: ScriptAsk) => Promise<Answer>): Asker {
  if (!options.local)
    return {
      run,
      stat: (paths) => statThere(run, paths),
      readRange: (request) => readRangeThere(run, request),
      sqlite: (path, sql) => sqliteThere(run, path, sql),
    }
  const here = async <Value>(
    name: string,
    args: readonly string[],
    answer: Promise<Value>,
    bytesOf: (value: Value) => number,
  ): Promise<Value> => {
    const from = performance.now()
    meter.asks += 1
    const value = await answer
    const bytes = bytesOf(value)
    meter.bytes += bytes
    const durationMs = performance.now() - from
    noteAsk(meter, () => ({ name, args, fault: faultOf(value), exitCode: null, bytes, durationMs }))
    return new Promise((resolve) => deliver(meter, value, resolve))
  }
  return {
    run,
    stat: (paths): Promise<readonly FileStat[]> => here('vc.stat', paths, statHere(paths), () => 0),
    readRange: (request: RangeRequest): Promise<RangeAnswer> =>
      here('vc.range', [request.path], readRangeHere(request), (range) =>
        range.is === 'bytes' ? range.bytes.length : 0,
      ),
    sqlite: (path, sql): Promise<SqliteAnswer> =>
      here('vc.sqlite', [path], sqliteHere(path, sql, options.work), () => 0),
  }
}
