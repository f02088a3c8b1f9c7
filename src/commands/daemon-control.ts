import { setTimeout as pause } from 'node:timers/promises'
import { EXIT, VcError } from '../core/errors.ts'

export interface DaemonPing {
  readonly pid: number
  readonly version: string
  readonly startedAt: string
}

export interface ControlPorts {
  ping(): Promise<DaemonPing | null>
  /** The live process that owns the store, whether it answers or not; null when nobody does. */
  holder(): Promise<number | null>
  /** Starts `vc daemon` in a session of its own; returns its pid. */
  launch(): number
  /** SIGTERM; false when the process is not there or not ours. */
  end(pid: number): boolean
  /** Whether the process is still there. */
  alive(pid: number): boolean
  /** Keeps what daemons print from growing for ever; called while none runs. */
  boundOutput(): void
  /** What the started daemon printed so far, newest last; empty when nothing. */
  output(): Promise<string>
  /** Why nothing can be printed there; null where it can. */
  outputRefusal(): Promise<VcError | null>
}

const STEP_MS = 50

// A daemon that cannot start says why in its output: the last sentence with its fix is worth more than a file name.
const lastWords = (output: string): string | null => {
  const at = output.lastIndexOf('vc: ')
  return at === -1 ? null : output.slice(at + 'vc: '.length).trim()
}

const until = async (test: () => Promise<boolean>, limitMs: number): Promise<boolean> => {
  for (let waited = 0; waited < limitMs; waited += STEP_MS) {
    if (await test()) return true
    await pause(STEP_MS)
  }
  return test()
}

/** Starts a daemon in the background and waits until it answers. Throws when it does not, naming its log. */
export const startDaemon = async (ports: ControlPorts, logFile: string): Promise<DaemonPing> => {
  const before = await ports.ping()
  if (before)
    throw new VcError(
      'already_running',
      `a daemon runs already (pid ${before.pid})`,
      'vc daemon stop, or just use it',
      { exitCode: EXIT.refused },
    )
  ports.boundOutput()
  const printedBefore = (await ports.output()).length
  const pid = ports.launch()
  let found: DaemonPing | null = null
  await until(async () => {
    found = await ports.ping()
    return found !== null || !ports.alive(pid)
  }, 15_000)
  if (found !== null) return found
  if (ports.alive(pid))
    throw new VcError(
      'daemon_silent',
      `the daemon (pid ${pid}) was started but does not answer yet`,
      `see ${logFile}`,
      {
        exitCode: EXIT.unknownEffect,
      },
    )
  const [says = '', fix] = (lastWords((await ports.output()).slice(printedBefore)) ?? '').split(/\n\s*fix: /)
  // What kept it from starting may have kept it from saying so, too.
  const mute = says ? null : await ports.outputRefusal()
  if (mute !== null)
    throw new VcError('daemon_ended', `the daemon ended at once and could not say why: ${mute.message}`, mute.fix)
  throw new VcError('daemon_ended', `the daemon ended at once${says ? `: ${says}` : ''}`, fix ?? `see ${logFile}`)
}

/** Ends the daemon and waits until it is gone: reported only when observed. One that no longer answers is ended too. */
export const stopDaemon = async (
  ports: Pick<ControlPorts, 'ping' | 'holder' | 'end' | 'alive'>,
): Promise<{ readonly pid: number } | null> => {
  const pid = (await ports.ping())?.pid ?? (await ports.holder())
  if (pid === null) return null
  if (!ports.end(pid))
    throw new VcError('not_stopped', `pid ${pid} could not be signalled`, 'stop it as the user who started it')
  // Silence alone proves nothing: a busy daemon is silent too. It is gone when its process is.
  const holds = (): Promise<boolean> =>
    ports.holder().then(
      (holder) => holder === pid,
      // A disk that fails keeps its lock from being read, and nobody from ending.
      () => false,
    )
  const gone = await until(async () => !ports.alive(pid) && !(await holds()), 30_000)
  if (!gone)
    throw new VcError(
      'not_stopped',
      `the daemon (pid ${pid}) was asked to stop and is still there`,
      `wait for its last run, look into its log, or as a last resort: kill -9 ${pid} (nothing committed is lost)`,
      { exitCode: EXIT.unknownEffect },
    )
  return { pid }
}
