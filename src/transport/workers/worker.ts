import { enableCompileCache } from 'node:module'
import { getPriority, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { CODE_CHANGED, messageOf } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import { codeFolders } from '../../core/own-files.ts'
import { buildOf } from '../own-build.ts'
import { threadCpuMs } from '../thread-cpu.ts'
import { Folders } from './folders.ts'
import { createJobIo } from './job-io.ts'
import { Leisure } from './leisure.ts'

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
  readonly quietMs?: number
}

const { compiled, build: known = null, stepsBack = false, quietMs, ...surroundings } = (workerData ?? {}) as WorkerData
if (compiled !== undefined) enableCompileCache(dirname(compiled))
const folders = new Folders(quietMs === undefined ? {} : { quietMs, settledMs: quietMs })
const io = createJobIo({ ...surroundings, folders })

/** Opening one costs some microseconds. */
const WATCHERS_AT_ONCE = 50
const leisure = new Leisure(() => folders.watchSome(WATCHERS_AT_ONCE))

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

// The watchers tell what happened until now when the loop asks the system again. The first turn only ends the round in which the
// question came, whose answer of the system may be older.
const hearWatchers = async (): Promise<void> => {
  for (let turn = 0; folders.watched > 0 && turn < 2; turn++) await setImmediate()
}

const answer = async (question: JobQuestion): Promise<JobAnswer> => {
  const before = threadCpuMs()
  const cpuMs = (): number => Math.round(threadCpuMs() - before)
  try {
    const { run } = await load(question.job)
    await hearWatchers()
    const result = await run(question.payload, io)
    return { id: question.id, ok: true, result, cpuMs: cpuMs() }
  } catch (error) {
    return { id: question.id, ok: false, message: messageOf(error), cpuMs: cpuMs() }
  }
}

const work = async (question: JobQuestion): Promise<void> => {
  leisure.end()
  folders.asked()
  parentPort?.postMessage(await answer(question))
  folders.rest()
  leisure.begin()
}

parentPort?.on('message', async (message: JobQuestion | JobAhead | OwnBuild) => {
  // Whether it can be loaded is said when it is asked.
  if ('build' in message) build = message.build
  else if ('load' in message) await load(message.load).catch(() => undefined)
  else await work(message)
})
