import type { Executor, RunClass, RunRequest, RunResult, RunStream, RunTimings } from '../core/executor.ts'
import { openEndings } from './endings.ts'
import { greetedSink, memorySink, type OutputSink, streamSink } from './output-cap.ts'

/** One run into given sinks; the shape every executor implements once for both `run` and `stream`. */
type RunInto = (request: RunRequest, out: OutputSink, err: OutputSink) => Promise<RunResult>

const NO_TIME: RunTimings = { queueMs: 0, connectMs: 0, execMs: 0 }

/** A run that never started. */
export const notRun = (runClass: RunClass, detail: string, timings: Partial<RunTimings> = {}): RunResult => ({
  class: runClass,
  exitCode: null,
  signal: null,
  stdout: new Uint8Array(0),
  stderr: new Uint8Array(0),
  partial: false,
  timings: { ...NO_TIME, ...timings },
  reusedConnection: false,
  detail,
})

const runBuffered = async (runInto: RunInto, request: RunRequest): Promise<RunResult> => {
  const err = memorySink(request.maxStderr)
  const { greeting, soFar } = request
  if (greeting === undefined) return runInto(request, memorySink(request.maxStdout), err)
  const out = greetedSink(request.maxStdout, greeting)
  soFar?.(() => ({ stdout: out.bytes(), stderr: err.bytes() }))
  const ran = await runInto(request, out, err)
  if (ran.class !== 'output_limit' || out.greeted()) return ran
  return { ...ran, detail: `wrote ${ran.stdout.length} bytes that are not of this script` }
}

/** Streams stdout with back-pressure. A reader that stops early ends the run as `aborted`. */
const runStreamed = (runInto: RunInto, request: RunRequest): RunStream => {
  const out = streamSink(request.maxStdout)
  const gone = new AbortController()
  const signal = request.signal === undefined ? gone.signal : AbortSignal.any([request.signal, gone.signal])
  out.reader.once('close', () => gone.abort())
  const done = runInto({ ...request, signal }, out, memorySink(request.maxStderr)).finally(() => out.end())
  return { stdout: out.reader, done }
}

/**
 * The furniture all executors share: `run` and `stream` over one attempt, refusal after close, and a close that
 * gives up what runs, waits for it and then lets go of the way.
 */
export const executorOf = (kind: Executor['kind'], attempt: RunInto, letGo: () => Promise<void>): Executor => {
  const endings = openEndings()
  const inFlight = new Set<Promise<RunResult>>()
  const runInto: RunInto = async (given, out, err) => {
    if (endings.isClosed() || given.signal?.aborted) return notRun('aborted', 'not started: already given up')
    const { ending, over } = endings.begin()
    const giveUp = (): void => ending.abort()
    given.signal?.addEventListener('abort', giveUp)
    const running = attempt({ ...given, signal: ending.signal }, out, err)
    inFlight.add(running)
    return running.finally(() => {
      given.signal?.removeEventListener('abort', giveUp)
      over()
      inFlight.delete(running)
    })
  }
  return {
    kind,
    run: (request) => runBuffered(runInto, request),
    stream: (request) => runStreamed(runInto, request),
    async close() {
      endings.close()
      await Promise.allSettled(inFlight)
      await letGo()
    },
  }
}
