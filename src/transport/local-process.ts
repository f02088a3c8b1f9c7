import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { asUsual } from './own-umask.ts'
import type { CommandEnd, LiveRun } from './run-watch.ts'

const TERM_GRACE_MS = 2_000
const LOOK_EVERY_MS = 25

let started = 0

/** Processes vc has started since it began; part of its own cost. */
export const processesStarted = (): number => started

/** For the few places that start a process by other means (execa). */
export const countProcess = (): void => {
  started += 1
}

const sweeps = new Set<Promise<void>>()

const sweep = (pid: number): void => {
  const ended = endGroup(pid).finally(() => sweeps.delete(ended))
  sweeps.add(ended)
}

/** Waits until every group that was told to end has ended or was killed. */
export const groupsEnded = async (): Promise<void> => void (await Promise.all(sweeps))

export interface Pipes {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Where no more files may be open Node makes no streams at all; that it did not start comes as `error` all the same. */
export const pipesOf = ({ stdin, stdout, stderr }: Partial<Pipes>): Pipes => ({
  stdin: stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() }),
  stdout: stdout ?? Readable.from([]),
  stderr: stderr ?? Readable.from([]),
})

type ScriptChild = ChildProcessByStdio<Writable, Readable, Readable>

// $TMUX would make every tmux client of a script talk to the server vc happens to run in.
const childEnv = (): NodeJS.ProcessEnv => {
  const { TMUX: _tmux, TMUX_PANE: _pane, ...env } = process.env
  return env
}

const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** TERM to the whole group, KILL after 2 s to whoever is left. Resolves when the group is gone or was killed. */
export const endGroup = (pid: number): Promise<void> =>
  new Promise((done) => {
    if (!signalGroup(pid, 'SIGTERM')) return done()
    const killAt = performance.now() + TERM_GRACE_MS
    const look = setInterval(() => {
      const alive = signalGroup(pid, 0)
      if (alive && performance.now() < killAt) return
      if (alive) signalGroup(pid, 'SIGKILL')
      clearInterval(look)
      done()
    }, LOOK_EVERY_MS)
  })

const endOf = (code: number | null, signal: NodeJS.Signals | null): CommandEnd =>
  signal === null ? { is: 'exit', code: code ?? 0 } : { is: 'signal', signal: signal.replace(/^SIG/, '') }

/** A started program in a process group of its own; `stdin` is written to it and closed. Not execa: it settles on close and kills one pid. */
export const startProcess = (argv: readonly [string, ...string[]], stdin: string): LiveRun<Readable> => {
  const [file, ...args] = argv
  started += 1
  const child: ScriptChild = asUsual(() =>
    spawn(file, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: childEnv() }),
  )
  const over = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const pipes = pipesOf(child)
  // A child that leaves without reading its input is no error of ours.
  pipes.stdin.on('error', () => {})
  pipes.stdin.end(stdin)
  return {
    stdout: pipes.stdout,
    stderr: pipes.stderr,
    onEnd(tell) {
      child.once('exit', (code, signal) => tell(endOf(code, signal)))
      child.once('error', (error) => tell({ is: 'lost', class: 'transport', detail: `${file}: ${error.message}` }))
    },
    onClosed: (tell) => void child.once('close', tell),
    // The caller waits for the leader only: a zombie nobody reaps would keep the group looking alive.
    async stop() {
      pipes.stdout.destroy()
      pipes.stderr.destroy()
      if (child.pid === undefined) return
      sweep(child.pid)
      await over
    },
    letGo() {
      pipes.stdout.destroy()
      pipes.stderr.destroy()
    },
  }
}
