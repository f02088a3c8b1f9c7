import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { executorOf } from './executor-run.ts'
import { groupsEnded, startProcess } from './local-process.ts'
import type { OutputSink } from './output-cap.ts'
import { watchRun } from './run-watch.ts'

const attempt = async (request: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
  const beganAt = performance.now()
  const watched = await watchRun(startProcess(['sh', '-s'], request.script), request, out, err)
  const timings = { queueMs: 0, connectMs: 0, execMs: performance.now() - beganAt }
  return { ...watched, stdout: out.bytes(), stderr: err.bytes(), timings, reusedConnection: false }
}

/** Runs scripts on this machine: `sh -s`, script on stdin, a process group per run. */
export const openLocalExecutor = (): Executor => executorOf('local', attempt, groupsEnded)
