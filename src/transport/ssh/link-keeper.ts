import { messageOf } from '../../core/errors.ts'
import type { KeptConnections, KeptSlot } from '../kept-connections.ts'
import { failure, type WayFailure } from './failure.ts'
import { openKnownHosts } from './known-hosts-files.ts'
import { type Got, type Link, openLink } from './link.ts'
import type { ResolvedTarget } from './ssh-g.ts'
import { knownHostsPaths, openWay, type WayOptions } from './way.ts'

/** Runs a connect when the fleet has room for one more (p-limit). */
export type ConnectLimit = <T>(connect: () => Promise<T>) => Promise<T>

export interface KeeperOptions extends WayOptions {
  readonly connectTimeoutMs: number
  readonly connectLimit: ConnectLimit
  readonly idleCloseMs: number
  /** Counts kept connections over the whole fleet; without it they are not counted. */
  readonly connections?: KeptConnections
}

export interface KeptLink {
  readonly link: Link
  readonly reused: boolean
  readonly queueMs: number
  readonly connectMs: number
}

/** Keeps one connection to one machine: connects once for all who ask, reconnects after a loss, closes when idle. */
export class LinkKeeper {
  readonly #resolved: ResolvedTarget
  readonly #options: KeeperOptions
  #current: Link | null = null
  #connecting: Promise<Got<KeptLink>> | null = null
  #users = new Map<Link, number>()
  #retired = new Set<Link>()
  #counted = new WeakMap<Link, KeptSlot>()
  #idle: NodeJS.Timeout | null = null
  #closed = false
  // A changed host key is a security event: no second try until a known_hosts file changes.
  #badKey: { readonly stamp: string; readonly why: WayFailure } | null = null

  constructor(resolved: ResolvedTarget, options: KeeperOptions) {
    this.#resolved = resolved
    this.#options = options
  }

  /** The standing connection, or a new one. Never rejects. */
  async get(): Promise<Got<KeptLink>> {
    if (this.#closed) return { is: 'failed', failure: failure('aborted', 'closed') }
    if (this.#current !== null && this.#current.lost() === null)
      return { is: 'open', value: { link: this.#current, reused: true, queueMs: 0, connectMs: 0 } }
    this.#connecting ??= this.#connectOnce().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  /** Marks the link as in use until the returned function is called. */
  use(link: Link): () => void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#users.set(link, (this.#users.get(link) ?? 0) + 1)
    this.#counted.get(link)?.use()
    let used = true
    return () => {
      if (!used) return
      used = false
      this.#release(link)
      // Last: what is one too many closes here.
      this.#counted.get(link)?.free()
    }
  }

  #release(link: Link): void {
    const left = (this.#users.get(link) ?? 1) - 1
    if (left > 0) return void this.#users.set(link, left)
    this.#users.delete(link)
    if (this.#retired.delete(link)) link.close()
    else this.#closeWhenIdle(link)
  }

  #count(link: Link): void {
    const slot = this.#options.connections?.add(() => this.retire(link))
    if (slot === undefined) return
    this.#counted.set(link, slot)
    link.onLost(() => slot.gone())
  }

  /** No new runs on this link; it closes when its last run has ended. */
  retire(link: Link): void {
    if (this.#current === link) this.#current = null
    if (this.#users.has(link)) this.#retired.add(link)
    else link.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#idle !== null) clearTimeout(this.#idle)
    for (const link of this.#retired) link.close()
    this.#current?.close()
    await this.#connecting
  }

  #closeWhenIdle(link: Link): void {
    if (this.#current !== link || !Number.isFinite(this.#options.idleCloseMs)) return
    this.#idle = setTimeout(() => this.retire(link), this.#options.idleCloseMs)
    this.#idle.unref()
  }

  async #connectOnce(): Promise<Got<KeptLink>> {
    const askedAt = performance.now()
    return this.#options.connectLimit(async () => {
      const beganAt = performance.now()
      const got = await this.#connect().catch(
        (error: unknown): Got<Link> => ({
          is: 'failed',
          failure: failure('transport', messageOf(error)),
        }),
      )
      if (got.is === 'failed') return got
      if (this.#closed) {
        got.value.close()
        return { is: 'failed', failure: failure('aborted', 'closed') }
      }
      this.#current = got.value
      this.#count(got.value)
      return {
        is: 'open',
        value: { link: got.value, reused: false, queueMs: beganAt - askedAt, connectMs: performance.now() - beganAt },
      }
    })
  }

  async #connect(): Promise<Got<Link>> {
    const { hosts, stamp } = await openKnownHosts(knownHostsPaths(this.#resolved, this.#options.trustFile)).read()
    if (this.#badKey?.stamp === stamp) return { is: 'failed', failure: this.#badKey.why }
    this.#badKey = null
    const tooLate = AbortSignal.timeout(this.#options.connectTimeoutMs)
    const way = await openWay(this.#resolved, this.#options, tooLate)
    if (way.is === 'failed') return way
    const { sock, carrier } = way.value
    const got = await openLink(sock, this.#resolved, hosts, this.#options, tooLate, carrier)
    if (got.is === 'open') got.value.onLost(() => carrier?.leave())
    else carrier?.leave()
    if (got.is === 'failed' && got.failure.class === 'host_key_changed') this.#badKey = { stamp, why: got.failure }
    return got
  }
}
