import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Executor, RunClass, RunRequest, RunResult } from '../core/executor.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import { executorOf, notRun } from './executor-run.ts'
import type { KeptConnections } from './kept-connections.ts'
import { startProcess } from './local-process.ts'
import { memorySink, type OutputSink } from './output-cap.ts'
import { type LiveRun, type Watched, watchRun } from './run-watch.ts'
import { openChannelSlots } from './ssh/channel-slots.ts'
import type { WayFailure } from './ssh/failure.ts'
import type { ConnectLimit } from './ssh/link-keeper.ts'
import { type Master, MasterKeeper } from './ssh/master-keeper.ts'
import { sessionArgs } from './ssh/openssh-args.ts'
import type { ResolvedTarget } from './ssh/ssh-g.ts'
import { markedShell, markerStripper } from './ssh/status-marker.ts'
import { givenUp, orGiveUp, type Try, throughSlots } from './ssh/through-slots.ts'

export interface OpenSshOptions {
  readonly resolved: ResolvedTarget
  readonly connectLimit: ConnectLimit
  /** Folder of the control sockets, 0700 (`<run>/cm`). */
  readonly controlDir: string
  readonly trustFile?: string | null
  readonly connectTimeoutMs?: number
  readonly keepaliveIntervalMs?: number
  readonly keepaliveCountMax?: number
  readonly maxChannels?: number
  readonly connections?: KeptConnections
  readonly sshBinary?: string
  /** Key exchange to prefer, e.g. `curve25519-sha256` (cheap, not post-quantum). */
  readonly kexFirst?: string
  readonly onConnectFailure?: (why: WayFailure) => void
}

type Ran = { readonly watched: Watched; readonly stderr: Uint8Array; readonly master: Master; readonly execMs: number }
type Outcome =
  | { readonly is: 'ran'; readonly ran: Ran }
  | { readonly is: 'no'; readonly class: RunClass; readonly detail: string }

const keeperOf = (o: OpenSshOptions): MasterKeeper =>
  new MasterKeeper({
    resolved: o.resolved,
    sshBinary: o.sshBinary ?? 'ssh',
    controlDir: o.controlDir,
    connectLimit: o.connectLimit,
    trustFile: o.trustFile ?? null,
    connectTimeoutMs: o.connectTimeoutMs ?? o.resolved.connectTimeoutMs ?? 10_000,
    keepaliveIntervalMs: o.keepaliveIntervalMs ?? o.resolved.serverAliveIntervalMs ?? 5_000,
    keepaliveCountMax: o.keepaliveCountMax ?? o.resolved.serverAliveCountMax,
    kexFirst: o.kexFirst,
    ...(o.connections ? { connections: o.connections } : {}),
  })

/** The ssh client as a run whose ending is the marker's, not the client's. */
const sessionRun = (base: LiveRun<Readable>, nonce: string): LiveRun => {
  let told: ((end: Parameters<Parameters<LiveRun['onEnd']>[0]>[0]) => void) | null = null
  const stdout = markerStripper(nonce, (end) => told?.(end))
  const drained = new Promise<void>((resolve) => stdout.once('close', resolve))
  const ended = new Promise<string>((resolve) =>
    base.onEnd((end) =>
      resolve(
        end.is === 'exit'
          ? `ssh ended with ${end.code}`
          : end.is === 'signal'
            ? `ssh was killed by ${end.signal}`
            : end.detail,
      ),
    ),
  )
  let over = false
  const closed = new Promise<void>((resolve) =>
    base.onClosed(() => {
      over = true
      resolve()
    }),
  )
  const lost = Promise.all([ended, drained]).then(([detail]) => detail)
  base.stdout.on('close', () => stdout.end())
  base.stdout.pipe(stdout)
  return {
    stdout,
    stderr: base.stderr,
    onEnd(tell) {
      told = tell
      void lost.then((detail) => tell({ is: 'lost', class: 'connection_lost', detail }))
    },
    onClosed: (tell) => void lost.then(() => closed).then(tell),
    stop: base.stop,
    letGo() {
      if (!over) void base.stop()
    },
  }
}

/** Runs scripts through the ssh binary over a ControlMaster: certificates, FIDO keys, GSSAPI, odd proxies. */
export const openOpenSshExecutor = (options: OpenSshOptions): Executor => {
  const keeper = keeperOf(options)
  const slots = openChannelSlots(options.maxChannels ?? 8)
  const ssh = options.sshBinary ?? 'ssh'

  const onMaster = async (
    master: Master,
    request: RunRequest,
    out: OutputSink,
  ): Promise<{ ran: Ran; notOpened: string | null; words: string }> => {
    const nonce = randomBytes(12).toString('hex')
    const noMaster = `vc-${nonce}-no-master`
    // A sink of its own per try: what ssh says about a try that ran nothing is not the script's stderr.
    const err = memorySink(request.maxStderr)
    request.soFar?.(() => ({ stdout: out.bytes(), stderr: err.bytes() }))
    const beganAt = performance.now()
    const base = startProcess([ssh, ...sessionArgs(master.args, noMaster, markedShell(nonce))], request.script)
    const watched = await watchRun(sessionRun(base, nonce), request, out, err)
    const words = decodeUtf8(err.bytes())
    const ran = { watched, stderr: err.bytes(), master, execMs: performance.now() - beganAt }
    return { ran, notOpened: watched.class === 'connection_lost' && words.includes(noMaster) ? noMaster : null, words }
  }

  const tryOnce = async (request: RunRequest, out: OutputSink, again = true): Promise<Try<Outcome>> => {
    const got = await orGiveUp(keeper.get(), Number.POSITIVE_INFINITY, request.signal)
    if (got === null) return { is: 'done', value: { is: 'no', ...givenUp(request, 'while connecting') } }
    if (got.is === 'failed') {
      options.onConnectFailure?.(got.failure)
      return { is: 'done', value: { is: 'no', class: got.failure.class, detail: got.failure.detail } }
    }
    const master = got.value
    if (!master.reused) slots.reset()
    const done = keeper.use(master.args)
    const { ran, notOpened, words } = await onMaster(master, request, out).finally(done)
    if (notOpened === null) {
      if (ran.watched.class === 'connection_lost') await keeper.drop(master.args)
      return { is: 'done', value: { is: 'ran', ran } }
    }
    const said = displayText(words.replace(notOpened, '').trim(), 300)
    if (/open refused|open failed|session request failed/i.test(words))
      return { is: 'refused', detail: said, retire: () => void keeper.drop(master.args) }
    // The master ended (ControlPersist, a lost link) before this run began, so it may begin again.
    await keeper.drop(master.args)
    if (again) return tryOnce(request, out, false)
    return { is: 'done', value: { is: 'no', class: 'connection_lost', detail: said || 'the ControlMaster is gone' } }
  }

  const attempt = async (request: RunRequest, out: OutputSink): Promise<RunResult> => {
    const got = await throughSlots(slots, request, () => tryOnce(request, out))
    const { queueMs } = got
    if (got.is === 'not_run') return notRun(got.class, got.detail, { queueMs })
    got.release()
    if (got.value.is === 'no') return notRun(got.value.class, got.value.detail, { queueMs })
    const { watched, stderr, master, execMs } = got.value.ran
    const timings = { queueMs: queueMs + master.queueMs, connectMs: master.connectMs, execMs }
    const said =
      watched.class === 'connection_lost' ? displayText(decodeUtf8(stderr).trim().split('\n').at(-1) ?? '', 300) : ''
    const detail = said === '' ? watched.detail : said
    return { ...watched, detail, stdout: out.bytes(), stderr, timings, reusedConnection: master.reused }
  }
  return executorOf('openssh', attempt, () => keeper.close())
}
