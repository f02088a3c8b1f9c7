import { enableCompileCache } from 'node:module'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { createJobIo } from './job-io.ts'

/** Question and answer of one job; ids are per worker. */
export interface JobQuestion {
  readonly id: number
  readonly job: string
  readonly payload: unknown
}

/** A job module that will be asked for soon; nothing is answered. */
export interface JobAhead {
  readonly load: string
}

export type JobAnswer =
  | { readonly id: number; readonly ok: true; readonly result: unknown; readonly cpuMs: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly cpuMs: number }

interface WorkerData {
  readonly home?: string
  readonly env?: Record<string, string>
  /** Where compiled sources are kept; unset for a built program. */
  readonly compiled?: string
}

const { compiled, ...surroundings } = (workerData ?? {}) as WorkerData
if (compiled !== undefined) enableCompileCache(dirname(compiled))
const io = createJobIo(surroundings)

const answer = async (question: JobQuestion): Promise<JobAnswer> => {
  const before = process.threadCpuUsage()
  const cpuMs = (): number => {
    const used = process.threadCpuUsage(before)
    return Math.round((used.user + used.system) / 1000)
  }
  try {
    const { run } = (await import(question.job)) as { run: Job<unknown, unknown> }
    const result = await run(question.payload, io)
    return { id: question.id, ok: true, result, cpuMs: cpuMs() }
  } catch (error) {
    return { id: question.id, ok: false, message: messageOf(error), cpuMs: cpuMs() }
  }
}

parentPort?.on('message', async (message: JobQuestion | JobAhead) => {
  // Whether it can be loaded is said when it is asked.
  if ('load' in message) await import(message.load).catch(() => undefined)
  else parentPort?.postMessage(await answer(message))
})
