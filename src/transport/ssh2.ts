import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { notRun, runBuffered, runStreamed } from './executor-run.ts'
import type { OutputSink } from './output-cap.ts'
import { laterUnlessNever, watchRun } from './run-watch.ts'
import { channelRun, type OpenedChannel, openChannel } from './ssh/channel.ts'
import { openChannelSlots, type SlotRelease } from './ssh/channel-slots.ts'
import type { WayFailure } from './ssh/failure.ts'
import type { Got } from './ssh/link.ts'
import { type ConnectLimit, type KeptLink, LinkKeeper } from './ssh/link-keeper.ts'
import type { ResolvedTarget, TargetResolver } from './ssh/resolve.ts'

export interface Ssh2Options {
  readonly resolved: ResolvedTarget
  /** For jump hosts. */
  readonly resolver: TargetResolver
  readonly connectLimit: ConnectLimit
  /** vc's own known_hosts (`<dataDir>/known_hosts`), read after the user's. */
  readonly trustFile?: string | null
  /** Whole way to a login; default: ssh_config's ConnectTimeout, else 10 s. */
  readonly connectTimeoutMs?: number
  readonly keepaliveIntervalMs?: number
  readonly keepaliveCountMax?: number
  readonly idleCloseMs?: number
  readonly maxChannels?: number
  /** Told about every connect that failed, before the run answers. */
  readonly onConnectFailure?: (why: WayFailure) => void
}

const SHELL = 'exec sh -s'
const MAX_TRIES = 3
// A closed channel is answered at once by a live server; later its slot is given back all the same.
const SLOT_GRACE_MS = 1_000

type Opened = { readonly is: 'open'; readonly kept: KeptLink; readonly opened: Extract<OpenedChannel, { is: 'open' }> }
type NotOpened = { readonly is: 'no'; readonly result: RunResult }

const keeperOf = (o: Ssh2Options): LinkKeeper =>
  new LinkKeeper(o.resolved, {
    resolver: o.resolver,
    connectLimit: o.connectLimit,
    trustFile: o.trustFile ?? null,
    connectTimeoutMs: o.connectTimeoutMs ?? o.resolved.connectTimeoutMs ?? 10_000,
    keepaliveIntervalMs: o.keepaliveIntervalMs ?? o.resolved.serverAliveIntervalMs ?? 15_000,
    keepaliveCountMax: o.keepaliveCountMax ?? o.resolved.serverAliveCountMax,
    idleCloseMs: o.idleCloseMs ?? 300_000,
  })

/** Resolves with null when `signal` fires or `ms` passes first. */
const orGiveUp = <T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> =>
  new Promise((settle, reject) => {
    const giveUp = () => settle(null)
    const timer = laterUnlessNever(giveUp, ms)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    work.then(settle, reject).finally(() => {
      if (timer !== null) clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    })
  })

/** Runs scripts over one kept ssh2 connection: up to 8 channels, reconnecting on the next run after a loss. */
export const openSsh2Executor = (options: Ssh2Options): Executor => {
  const keeper = keeperOf(options)
  const slots = openChannelSlots(options.maxChannels ?? 8)
  const closing = new AbortController()
  const inFlight = new Set<Promise<RunResult>>()

  const givenUp = (request: RunRequest, where: string): NotOpened => {
    const aborted = closing.signal.aborted || request.signal?.aborted === true
    const detail = aborted ? `given up ${where}` : `${where} for more than ${request.deadlineMs} ms`
    return { is: 'no', result: notRun(aborted ? 'aborted' : 'timeout', detail) }
  }
  const connected = async (request: RunRequest): Promise<Got<KeptLink> | null> => {
    const got = await orGiveUp(keeper.get(), Number.POSITIVE_INFINITY, request.signal)
    if (got?.is === 'open' && !got.value.reused) slots.reset()
    if (got?.is === 'failed') options.onConnectFailure?.(got.failure)
    return got
  }

  const tryOpen = async (
    request: RunRequest,
    release: SlotRelease,
  ): Promise<Opened | NotOpened | { is: 'refused'; detail: string }> => {
    const got = await connected(request)
    if (got === null) return givenUp(request, 'while connecting')
    if (got.is === 'failed') return { is: 'no', result: notRun(got.failure.class, got.failure.detail) }
    const kept = got.value
    const done = keeper.use(kept.link)
    const opening = openChannel(kept.link, SHELL)
    const opened = await orGiveUp(opening, request.deadlineMs, request.signal)
    if (opened === null) void opening.then((late) => late.is === 'open' && late.channel.close()).finally(done)
    else if (opened.is !== 'open') done()
    if (opened === null) return givenUp(request, 'waiting for a channel')
    if (opened.is === 'lost') return { is: 'no', result: notRun(opened.failure.class, opened.failure.detail) }
    if (opened.is === 'refused') {
      // With others open it is MaxSessions; alone, the server holds sessions of commands that would not die.
      if (slots.held > 1) slots.learnFromRefusal()
      else keeper.retire(kept.link)
      return opened
    }
    opened.channel.once('close', () => {
      release()
      done()
    })
    return { is: 'open', kept, opened }
  }

  const openWithin = async (
    request: RunRequest,
  ): Promise<{ release: SlotRelease; queueMs: number; got: Opened | NotOpened }> => {
    const askedAt = performance.now()
    let refusal = ''
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const waitMs = request.deadlineMs - (performance.now() - askedAt)
      const release = await slots.acquire(waitMs, request.signal)
      const queueMs = performance.now() - askedAt
      if (release === null) return { release: () => {}, queueMs, got: givenUp(request, 'waiting for a free channel') }
      const got = await tryOpen(request, release)
      if (got.is !== 'refused') return { release, queueMs, got }
      refusal = got.detail
      release()
    }
    const result = notRun('transport', `the server refuses channels: ${refusal}`)
    return { release: () => {}, queueMs: performance.now() - askedAt, got: { is: 'no', result } }
  }

  const attempt = async (given: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
    const request = {
      ...given,
      signal: given.signal === undefined ? closing.signal : AbortSignal.any([given.signal, closing.signal]),
    }
    const { release, queueMs, got } = await openWithin(request)
    if (got.is === 'no') {
      release()
      out.end()
      return { ...got.result, timings: { ...got.result.timings, queueMs } }
    }
    const { kept, opened } = got
    const beganAt = performance.now()
    const watched = await watchRun(channelRun(kept.link, opened.channel, request.script), request, out, err)
    setTimeout(release, SLOT_GRACE_MS).unref()
    const timings = {
      queueMs: Math.max(0, queueMs) + kept.queueMs,
      connectMs: kept.connectMs,
      execMs: performance.now() - beganAt,
    }
    return { ...watched, stdout: out.bytes(), stderr: err.bytes(), timings, reusedConnection: kept.reused }
  }
  const runInto = async (request: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
    if (closing.signal.aborted || request.signal?.aborted) return notRun('aborted', 'not started: already given up')
    const running = attempt(request, out, err)
    inFlight.add(running)
    return running.finally(() => inFlight.delete(running))
  }
  return {
    kind: 'ssh2',
    run: (request) => runBuffered(runInto, request),
    stream: (request) => runStreamed(runInto, request),
    async close() {
      closing.abort()
      await Promise.allSettled(inFlight)
      await keeper.close()
    },
  }
}
