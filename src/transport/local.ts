import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { NO_TIME, notRun, runBuffered, runStreamed } from './executor-run.ts'
import { groupsEnded, startProcess } from './local-process.ts'
import type { OutputSink } from './output-cap.ts'
import { watchRun } from './run-watch.ts'

/** Runs scripts on this machine: `sh -s`, script on stdin, a process group per run. */
export const openLocalExecutor = (): Executor => {
  const closing = new AbortController()
  const inFlight = new Set<Promise<RunResult>>()

  const attempt = async (request: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
    const signals = [closing.signal, ...(request.signal === undefined ? [] : [request.signal])]
    const beganAt = performance.now()
    const live = startProcess(['sh', '-s'], request.script)
    const watched = await watchRun(live, { ...request, signal: AbortSignal.any(signals) }, out, err)
    const timings = { ...NO_TIME, execMs: performance.now() - beganAt }
    return { ...watched, stdout: out.bytes(), stderr: err.bytes(), timings, reusedConnection: false }
  }
  const runInto = async (request: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
    if (closing.signal.aborted || request.signal?.aborted) return notRun('aborted', 'not started: already given up')
    const running = attempt(request, out, err)
    inFlight.add(running)
    return running.finally(() => inFlight.delete(running))
  }
  return {
    kind: 'local',
    run: (request) => runBuffered(runInto, request),
    stream: (request) => runStreamed(runInto, request),
    async close() {
      closing.abort()
      await Promise.allSettled(inFlight)
      await groupsEnded()
    },
  }
}
