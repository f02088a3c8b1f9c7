import { rm, stat } from 'node:fs/promises'
import { execa } from 'execa'
import { messageOf } from '../../core/errors.ts'
import { decodeUtf8 } from '../../core/text.ts'
import type { KeptConnections, KeptSlot } from '../kept-connections.ts'
import { countProcess, startProcess } from '../local-process.ts'
import { memorySink } from '../output-cap.ts'
import { type Watched, watchRun } from '../run-watch.ts'
import { certificateTrouble } from './certificate.ts'
import { newControlPath, openControlDir } from './control-dir.ts'
import { failure, sshWordsFailure, type WayFailure } from './failure.ts'
import { openKnownHosts } from './known-hosts-files.ts'
import type { Got } from './link.ts'
import type { ConnectLimit } from './link-keeper.ts'
import { controlArgs, masterArgs, type OpenSshArgsOptions } from './openssh-args.ts'
import { knownHostsPaths } from './way.ts'

export interface MasterOptions extends Omit<OpenSshArgsOptions, 'controlPath'> {
  readonly sshBinary: string
  readonly controlDir: string
  readonly connectLimit: ConnectLimit
  /** Counts kept connections over the whole fleet; without it they are not counted. */
  readonly connections?: KeptConnections
}

export interface Master {
  readonly args: OpenSshArgsOptions
  readonly reused: boolean
  readonly queueMs: number
  readonly connectMs: number
}

const CONTROL_TIMEOUT_MS = 2_000

/** Keeps one ControlMaster for one machine: started once for all who ask, started anew after a loss. */
export class MasterKeeper {
  readonly #options: MasterOptions
  #standing: OpenSshArgsOptions | null = null
  #starting: Promise<Got<Master>> | null = null
  #closed = false
  #counted = new WeakMap<OpenSshArgsOptions, KeptSlot>()
  #badKey: { readonly stamp: string; readonly why: WayFailure } | null = null

  constructor(options: MasterOptions) {
    this.#options = options
  }

  /** The standing master, or a new one. Never rejects. */
  async get(): Promise<Got<Master>> {
    if (this.#closed) return { is: 'failed', failure: failure('aborted', 'closed') }
    if (this.#standing !== null)
      return { is: 'open', value: { args: this.#standing, reused: true, queueMs: 0, connectMs: 0 } }
    this.#starting ??= this.#startOnce().finally(() => {
      this.#starting = null
    })
    return this.#starting
  }

  /** Marks the master as in use until the returned function is called. */
  use(args: OpenSshArgsOptions): () => void {
    this.#counted.get(args)?.use()
    return () => this.#counted.get(args)?.free()
  }

  /** Ends a master that is gone, hangs or holds dead sessions; the next run starts another. */
  async drop(args: OpenSshArgsOptions): Promise<void> {
    if (this.#standing === args) this.#standing = null
    this.#counted.get(args)?.gone()
    countProcess()
    await execa(this.#options.sshBinary, controlArgs(args, 'exit'), {
      reject: false,
      stdin: 'ignore',
      timeout: CONTROL_TIMEOUT_MS,
      forceKillAfterDelay: 500,
    })
    await rm(args.controlPath, { force: true })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting
    if (this.#standing !== null) await this.drop(this.#standing)
  }

  async #startOnce(): Promise<Got<Master>> {
    const askedAt = performance.now()
    return this.#options.connectLimit(async () => {
      const beganAt = performance.now()
      const got = await this.#start().catch(
        (error: unknown): Got<OpenSshArgsOptions> => ({
          is: 'failed',
          failure: failure('transport', messageOf(error)),
        }),
      )
      if (got.is === 'failed') return got
      this.#standing = got.value
      const slot = this.#options.connections?.add(() => void this.drop(got.value))
      if (slot !== undefined) this.#counted.set(got.value, slot)
      const value = {
        args: got.value,
        reused: false,
        queueMs: beganAt - askedAt,
        connectMs: performance.now() - beganAt,
      }
      return { is: 'open', value }
    })
  }

  async #start(): Promise<Got<OpenSshArgsOptions>> {
    const o = this.#options
    const { stamp } = await openKnownHosts(knownHostsPaths(o.resolved, o.trustFile)).read()
    if (this.#badKey?.stamp === stamp) return { is: 'failed', failure: this.#badKey.why }
    this.#badKey = null
    const args = { ...o, controlPath: newControlPath(await openControlDir(o.controlDir)) }
    const err = memorySink(64 * 1024)
    const beganAt = performance.now()
    const live = startProcess([o.sshBinary, ...masterArgs(args)], '')
    const limits = { script: '', deadlineMs: o.connectTimeoutMs, maxStdout: 64 * 1024, maxStderr: 64 * 1024 }
    const watched = await watchRun(live, limits, memorySink(limits.maxStdout), err)
    const words = decodeUtf8(err.bytes())
    if (watched.class === 'ok' && (await stat(args.controlPath).catch(() => null))?.isSocket())
      return { is: 'open', value: args }
    const why = await this.#withCertificate(this.#whyNot(watched, words, performance.now() - beganAt))
    if (why.class === 'host_key_changed') this.#badKey = { stamp, why }
    return { is: 'failed', failure: why }
  }

  async #withCertificate(why: WayFailure): Promise<WayFailure> {
    const trouble = why.class === 'auth' ? await certificateTrouble(this.#options.resolved, Date.now()) : null
    return trouble === null ? why : failure('auth', `${why.detail} ${trouble}`)
  }

  #whyNot(watched: Watched, words: string, tookMs: number): WayFailure {
    const { hostname, port } = this.#options.resolved
    // ServerAliveInterval ends a key exchange that hangs, and says nothing at this log level.
    const silent = words.trim() === '' && tookMs >= this.#options.keepaliveIntervalMs
    if (watched.class === 'timeout' || silent)
      return failure('connect_timeout', `no login at ${hostname} port ${port} in time`)
    if (watched.class === 'transport') return failure('transport', watched.detail ?? words)
    return watched.class === 'ok'
      ? failure('transport', `ssh made no control socket: ${words}`)
      : sshWordsFailure(words)
  }
}
