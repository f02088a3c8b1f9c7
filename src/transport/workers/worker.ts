import { enableCompileCache } from 'node:module'
import { getPriority, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { CODE_CHANGED, messageOf } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { codeFolders } from '../../core/own-files.ts'
import { buildOf } from '../own-build.ts'
import { threadCpuMs } from '../thread-cpu.ts'
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

/** The code the process was started from; null where it cannot be read. */
export interface OwnBuild {
  readonly build: string | null
}

export type JobAnswer =
  | { readonly id: number; readonly ok: true; readonly result: unknown; readonly cpuMs: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly cpuMs: number }

interface WorkerData {
  readonly home?: string
  readonly env?: Record<string, string>
  /** Where compiled sources are kept; unset for a built program. */
  readonly compiled?: string
  /** As `OwnBuild` says it; absent while that is found out. */
  readonly build?: string
  readonly stepsBack?: boolean
}

const { compiled, build: known = null, stepsBack = false, ...surroundings } = (workerData ?? {}) as WorkerData
if (compiled !== undefined) enableCompileCache(dirname(compiled))
const io = createJobIo(surroundings)

const STEPS = 5

// A thread has a niceness of its own on Linux only; elsewhere the whole process would step back.
if (stepsBack && process.platform === 'linux') {
  try {
    setPriority(0, Math.min(19, getPriority(0) + STEPS))
  } catch {
    // Where that is forbidden, all take turns alike.
  }
}

let build: string | null = known
const loaded = new Set<string>()

/** The jobs of one look are loaded within this time; for each of them all files would be looked at again. */
const SEEN_MS = 2_000
let seen: { readonly at: number; readonly build: Promise<string | null> } | null = null

const buildNow = (): Promise<string | null> => {
  const at = performance.now()
  if (seen === null || at - seen.at > SEEN_MS) seen = { at, build: buildOf(codeFolders()) }
  return seen.build
}

// A thread reads code when it first needs it: after an update that is newer than the process it works for.
const load = async (job: string): Promise<{ readonly run: Job<unknown, unknown> }> => {
  if (!loaded.has(job) && build !== null) {
    const now = await buildNow()
    if (now !== null && now !== build) throw new Error(CODE_CHANGED)
  }
  loaded.add(job)
  return import(job)
}

const answer = async (question: JobQuestion): Promise<JobAnswer> => {
  const before = threadCpuMs()
  const cpuMs = (): number => Math.round(threadCpuMs() - before)
  try {
    const { run } = await load(question.job)
    const result = await run(question.payload, io)
    return { id: question.id, ok: true, result, cpuMs: cpuMs() }
  } catch (error) {
    return { id: question.id, ok: false, message: messageOf(error), cpuMs: cpuMs() }
  }
}

parentPort?.on('message', async (message: JobQuestion | JobAhead | OwnBuild) => {
  // Whether it can be loaded is said when it is asked.
  if ('build' in message) build = message.build
  else if ('load' in message) await load(message.load).catch(() => undefined)
  else parentPort?.postMessage(await answer(message))
})
