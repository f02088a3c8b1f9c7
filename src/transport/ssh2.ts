import type { Executor, RunClass, RunRequest, RunResult, ShellCall } from '../core/executor.ts'
import { executorOf, notRun } from './executor-run.ts'
import type { KeptConnections } from './kept-connections.ts'
import type { OutputSink } from './output-cap.ts'
import { type LiveRun, type Watched, watchRun } from './run-watch.ts'
import type { Bastions } from './ssh/bastions.ts'
import { channelRun, openChannel } from './ssh/channel.ts'
import { openChannelSlots, type SlotRelease } from './ssh/channel-slots.ts'
import type { WayFailure } from './ssh/failure.ts'
import type { Got } from './ssh/link.ts'
import { type ConnectLimit, type KeptLink, LinkKeeper } from './ssh/link-keeper.ts'
import type { TargetResolver } from './ssh/resolve.ts'
import { openShellStand } from './ssh/shell-stand.ts'
import type { ResolvedTarget } from './ssh/ssh-g.ts'
import { givenUp, orGiveUp, pause, type Try, throughSlots } from './ssh/through-slots.ts'

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
  readonly connections?: KeptConnections
  /** Connections to jump hosts, shared with other machines. */
  readonly bastions?: Bastions
  /** Told about every connect that failed, before the run answers. */
  readonly onConnectFailure?: (why: WayFailure) => void
}

const SHELL = 'exec sh -s'
// A closed channel is answered at once by a live server; later its slot is given back all the same.
const SLOT_GRACE_MS = 1_000
// As late a server has freed the session of a shell that was sent away.
const SHELL_GONE_MS = 50

type Opened =
  | { readonly is: 'open'; readonly kept: KeptLink; readonly inShell: boolean; readonly live: LiveRun }
  | { readonly is: 'no'; readonly class: RunClass; readonly detail: string }

const keeperOf = (o: Ssh2Options): LinkKeeper =>
  new LinkKeeper(o.resolved, {
    resolver: o.resolver,
    connectLimit: o.connectLimit,
    trustFile: o.trustFile ?? null,
    connectTimeoutMs: o.connectTimeoutMs ?? o.resolved.connectTimeoutMs ?? 10_000,
    keepaliveIntervalMs: o.keepaliveIntervalMs ?? o.resolved.serverAliveIntervalMs ?? 15_000,
    keepaliveCountMax: o.keepaliveCountMax ?? o.resolved.serverAliveCountMax,
    idleCloseMs: o.idleCloseMs ?? 300_000,
    ...(o.connections ? { connections: o.connections } : {}),
    ...(o.bastions ? { bastions: o.bastions } : {}),
  })

const no = (why: { class: RunClass; detail: string }): Try<Opened> => ({
  is: 'done',
  value: { is: 'no', class: why.class, detail: why.detail },
})

const open = (kept: KeptLink, live: LiveRun, inShell: boolean): Try<Opened> => ({
  is: 'done',
  value: { is: 'open', kept, inShell, live },
})

/** What a run holds of its connection and of its slot. */
interface Claims {
  readonly kept: KeptLink
  readonly release: SlotRelease
  readonly leaveLink: () => void
  /** Gives the slot back, too. */
  readonly end: () => void
}

const claimsOn = (keeper: LinkKeeper, kept: KeptLink, request: RunRequest, release: SlotRelease): Claims => {
  const ends = [kept.link.begin(request.patient === true), keeper.use(kept.link)]
  const leaveLink = (): void => {
    for (const end of ends) end()
  }
  const end = (): void => {
    release()
    leaveLink()
  }
  return { kept, release, leaveLink, end }
}

/** The shell ended before it ran the call: a server that keeps none, or that ended it just now. */
const endedUnheard = (watched: Watched, out: OutputSink, { begins }: ShellCall): boolean =>
  ['exit', 'signal', 'transport'].includes(watched.class) && !Buffer.from(out.bytes()).includes(begins)

/** Runs scripts over one kept ssh2 connection: up to 8 channels, reconnecting on the next run after a loss. */
export const openSsh2Executor = (options: Ssh2Options): Executor => {
  const keeper = keeperOf(options)
  const slots = openChannelSlots(options.maxChannels ?? 8)
  const shells = openShellStand()

  const connected = async (request: RunRequest): Promise<Got<KeptLink> | null> => {
    const got = await orGiveUp(keeper.get(), Number.POSITIVE_INFINITY, request.signal)
    if (got?.is === 'open' && !got.value.reused) slots.reset()
    if (got?.is === 'failed') options.onConnectFailure?.(got.failure)
    return got
  }

  const tryOpen = async (request: RunRequest, release: SlotRelease): Promise<Try<Opened>> => {
    const got = await connected(request)
    if (got === null) return no(givenUp(request, 'while connecting'))
    if (got.is === 'failed') return no(got.failure)
    const claims = claimsOn(keeper, got.value, request, release)
    const call = shells.callOf(request, got.value.link)
    const shell = call === null ? null : shells.free(got.value.link)
    if (call !== null && shell !== null) return open(got.value, shell.run(call, claims.end), true)
    return tryChannel(request, claims, call)
  }

  /** A new channel, which becomes the kept shell where there is a call for one. */
  const tryChannel = async (request: RunRequest, claims: Claims, call: ShellCall | null): Promise<Try<Opened>> => {
    const { kept, release, leaveLink } = claims
    const opening = openChannel(kept.link, SHELL)
    const opened = await orGiveUp(opening, request.deadlineMs, request.signal)
    if (opened === null) {
      void opening.then((late) => late.is === 'open' && late.channel.close()).finally(leaveLink)
      return no(givenUp(request, 'waiting for a channel'))
    }
    if (opened.is !== 'open') leaveLink()
    if (opened.is === 'lost') return no(opened.failure)
    if (opened.is === 'refused') {
      if (!shells.clear()) return { ...opened, retire: () => keeper.retire(kept.link) }
      await pause(SHELL_GONE_MS, request.signal)
      return tryOpen(request, release)
    }
    if (call !== null) return open(kept, shells.take(kept.link, opened.channel).run(call, claims.end), true)
    opened.channel.once('close', claims.end)
    return open(kept, channelRun(kept.link, opened.channel, request.script), false)
  }

  const attempt = async (request: RunRequest, out: OutputSink, err: OutputSink): Promise<RunResult> => {
    const got = await throughSlots(slots, request, (release) => tryOpen(request, release))
    const { queueMs } = got
    if (got.is === 'not_run') return notRun(got.class, got.detail, { queueMs })
    if (got.value.is === 'no') {
      got.release()
      return notRun(got.value.class, got.value.detail, { queueMs })
    }
    const { kept, inShell, live } = got.value
    const beganAt = performance.now()
    const watched = await watchRun(live, request, out, err)
    setTimeout(got.release, SLOT_GRACE_MS).unref()
    // Whatever kept it from its end: the ordinary way is the surer one.
    if (inShell && watched.class === 'timeout') shells.clear()
    if (inShell && request.call && endedUnheard(watched, out, request.call) && kept.link.lost() === null) {
      shells.clear()
      return attempt({ ...request, patient: false }, out, err)
    }
    const timings = { queueMs: queueMs + kept.queueMs, connectMs: kept.connectMs, execMs: performance.now() - beganAt }
    return { ...watched, stdout: out.bytes(), stderr: err.bytes(), timings, reusedConnection: kept.reused }
  }
  return executorOf('ssh2', attempt, () => keeper.close())
}
