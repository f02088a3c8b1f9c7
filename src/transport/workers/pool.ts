import { getCompileCacheDir } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { VcError } from '../../core/errors.ts'
import { ownModule } from '../../core/own-files.ts'
import type { JobAhead, JobAnswer, JobQuestion, OwnBuild } from './worker.ts'

export interface WorkerPoolOptions {
  /** Threads at most; they start when there is work. */
  readonly size?: number
  /** A job waits this long for a busy thread before another one starts: each is worth 20 MB of memory; default 150 ms. */
  readonly growMs?: number
  /** An idle thread ends after this time, so that a quiet daemon stays small. */
  readonly idleMs?: number
  /** The same for all but the last thread; default 10 s. */
  readonly extraIdleMs?: number
  /** Home and environment as jobs see them; tests have their own. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  /** The code this process was started from, once it is known; a thread loads no other. */
  readonly build?: Promise<string | null>
  /** Its threads let the rest of the process go first, which then stores rows while they read on. For good: states wait for it. */
  readonly stepsBack?: boolean
  /** Folders in which nothing was written for so long are watched; default a minute, for which no test waits. */
  readonly quietMs?: number
}

interface Waiting {
  readonly question: JobQuestion
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

interface Begun {
  readonly job: string
  readonly payload: unknown
  readonly found: Promise<unknown>
  readonly untilMs: number
}

interface Seat {
  readonly worker: Worker
  current: Waiting | null
  idle: NodeJS.Timeout | null
}

// Whoever waited longer, for another owner of the store say, wants to know how things are by then.
const AHEAD_MS = 1_000
// A backfill: no need to wait in order to know that one thread will not do.
const MANY_WAITING = 6
// Parsing makes short-lived garbage: a larger young generation halves what collecting it costs.
const LIMITS = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 64 }
const ENTRY = ownModule('transport/workers/worker')
// Short, and live state waits for it; a backfill fills the queue for minutes.
const QUESTION = ownModule('transport/sqlite-job').href

/**
 * Runs job modules in a few threads, one job per thread at a time; questions to databases go first, then the jobs of the module
 * that has the fewest waiting, or with `stepsBack` those of which there were most, in the order they came.
 * Close it to end the threads.
 */
export class WorkerPool {
  /** CPU of all jobs so far, for vc's own cost. */
  cpuMs = 0
  readonly #options: WorkerPoolOptions
  readonly #size: number
  readonly #seats = new Set<Seat>()
  readonly #queue: Waiting[] = []
  readonly #begun: Begun[] = []
  /** How many jobs of each module there were. */
  readonly #asked = new Map<string, number>()
  #nextId = 1
  #closed = false
  #growing: NodeJS.Timeout | null = null
  #build: string | null = null

  constructor(options: WorkerPoolOptions = {}) {
    this.#options = options
    this.#size = options.size ?? 2
    void options.build?.then((build) => {
      this.#build = build
      for (const seat of this.#seats) seat.worker.postMessage({ build } satisfies OwnBuild)
    })
  }

  /** Begins a job while whoever asks for it is still being made ready: the first to ask for the same, soon, gets what it finds. */
  ahead(job: URL, payload: unknown): void {
    const found = this.run(job, payload)
    // Whoever asks hears of it.
    found.catch(() => undefined)
    this.#begun.push({ job: job.href, payload, found, untilMs: performance.now() + AHEAD_MS })
  }

  /** Throws VcError `job_failed` when the job threw, `worker_failed` when its thread died, `cancelled` after `close`. */
  run<Result>(job: URL, payload: unknown): Promise<Result> {
    if (this.#closed) return Promise.reject(cancelled())
    const begun = this.#takeBegun(job, payload)
    if (begun !== null) return begun as Promise<Result>
    return new Promise<unknown>((resolve, reject) => {
      const question = { id: this.#nextId, job: job.href, payload }
      this.#nextId += 1
      this.#asked.set(job.href, (this.#asked.get(job.href) ?? 0) + 1)
      const after = question.job === QUESTION ? this.#queue.findIndex((one) => one.question.job !== QUESTION) : -1
      this.#queue.splice(after < 0 ? this.#queue.length : after, 0, { question, resolve, reject })
      this.#dispatch()
    }) as Promise<Result>
  }

  /** Starts a thread for jobs of this module that are about to come, while the caller is busy with something else; none beyond `threads`. */
  warm(job: URL, threads = 1): void {
    if (this.#closed || this.#seats.size >= Math.min(threads, this.#size)) return
    const seat = this.#open()
    seat.worker.unref()
    seat.worker.postMessage({ load: job.href } satisfies JobAhead)
    this.#rest(seat)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#growing !== null) clearTimeout(this.#growing)
    for (const waiting of this.#queue.splice(0)) waiting.reject(cancelled())
    await Promise.all([...this.#seats].map((seat) => this.#end(seat, cancelled())))
  }

  #takeBegun(job: URL, payload: unknown): Promise<unknown> | null {
    const at = this.#begun.findIndex((one) => one.job === job.href && isDeepStrictEqual(one.payload, payload))
    const [begun] = at < 0 ? [] : this.#begun.splice(at, 1)
    return begun !== undefined && performance.now() < begun.untilMs ? begun.found : null
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const seat = this.#freeSeat()
      if (seat === null) {
        this.#growLater()
        return
      }
      const [waiting] = this.#queue.splice(this.#nextAt(), 1) as [Waiting]
      if (seat.idle !== null) clearTimeout(seat.idle)
      seat.idle = null
      seat.current = waiting
      seat.worker.ref()
      try {
        seat.worker.postMessage(waiting.question)
      } catch (error) {
        seat.current = null
        waiting.reject(failed('job_failed', `the payload of ${waiting.question.job} cannot be sent to a worker`, error))
      }
    }
  }

  /**
   * Questions stand first. Else whose module has the least left: of two backfills the shorter one is done, and told, while the
   * other is read. Where all is told at the end, the longer one comes first and is read to its end: storing its rows takes longer
   * than storing those of the other, for which nothing is left to be read meanwhile.
   */
  #nextAt(): number {
    const left = new Map<string, number>()
    for (const { question } of this.#queue) left.set(question.job, (left.get(question.job) ?? 0) + 1)
    if (left.has(QUESTION)) return 0
    // By all it was asked, which does not change while it works them off.
    const rank = (job: string): number =>
      this.#options.stepsBack ? -(this.#asked.get(job) ?? 0) : (left.get(job) ?? 0)
    const least = Math.min(...[...left.keys()].map(rank))
    return this.#queue.findIndex(({ question }) => rank(question.job) === least)
  }

  #freeSeat(): Seat | null {
    for (const seat of this.#seats) if (seat.current === null) return seat
    return this.#seats.size === 0 ? this.#open() : null
  }

  #growLater(): void {
    if (this.#seats.size >= this.#size) return
    if (this.#queue.length >= MANY_WAITING) this.#grow()
    else this.#growing ??= setTimeout(() => this.#grow(), this.#options.growMs ?? 150)
  }

  #grow(): void {
    if (this.#growing !== null) clearTimeout(this.#growing)
    this.#growing = null
    if (this.#queue.length === 0 || this.#closed) return
    if (this.#seats.size < this.#size) this.#open()
    this.#dispatch()
  }

  #open(): Seat {
    const { home, env, stepsBack = false, quietMs } = this.#options
    // What the program keeps compiled, its threads do not find by themselves.
    const compiled = getCompileCacheDir()
    const workerData = {
      ...(home === undefined ? {} : { home }),
      ...(env === undefined ? {} : { env }),
      ...(compiled === undefined ? {} : { compiled }),
      ...(this.#build === null ? {} : { build: this.#build }),
      ...(quietMs === undefined ? {} : { quietMs }),
      stepsBack,
    }
    const worker = new Worker(ENTRY, { workerData, resourceLimits: LIMITS })
    const seat: Seat = { worker, current: null, idle: null }
    worker.on('message', (answer: JobAnswer) => this.#answered(seat, answer))
    worker.on('error', (error) => void this.#end(seat, failed('worker_failed', 'a worker thread died', error)))
    worker.on('exit', () => void this.#end(seat, failed('worker_failed', 'a worker thread ended early', undefined)))
    this.#seats.add(seat)
    return seat
  }

  #answered(seat: Seat, answer: JobAnswer): void {
    const waiting = seat.current
    seat.current = null
    this.cpuMs += answer.cpuMs
    // An idle thread must not keep the process alive.
    seat.worker.unref()
    this.#rest(seat)
    if (waiting === null) return
    if (answer.ok) waiting.resolve(answer.result)
    else waiting.reject(failed('job_failed', `${waiting.question.job}: ${answer.message}`, undefined))
    this.#dispatch()
  }

  /** The last thread stays for the pace of the transcripts; others end soon, or a light load would keep them all. */
  #rest(seat: Seat): void {
    const { idleMs = 35_000, extraIdleMs = 10_000 } = this.#options
    const end = (): void => void this.#end(seat, cancelled())
    const look = (): void => {
      if (this.#seats.size > 1) end()
      else seat.idle = setTimeout(end, Math.max(0, idleMs - extraIdleMs)).unref()
    }
    seat.idle = setTimeout(look, Math.min(idleMs, extraIdleMs)).unref()
  }

  async #end(seat: Seat, why: VcError): Promise<void> {
    if (!this.#seats.delete(seat)) return
    if (seat.idle !== null) clearTimeout(seat.idle)
    const waiting = seat.current
    seat.current = null
    waiting?.reject(why)
    await seat.worker.terminate()
    if (!this.#closed) this.#dispatch()
  }
}

const cancelled = (): VcError => new VcError('cancelled', 'the worker pool was closed', 'nothing to do: vc is stopping')

const failed = (code: string, message: string, cause: unknown): VcError =>
  new VcError(code, message, 'run it again; when it happens again, report it with the message above', { cause })
