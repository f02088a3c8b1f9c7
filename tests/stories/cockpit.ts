import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** A program of a new user's first minutes, in a home of its own, as leader of its process group. */
export interface Running {
  readonly home: string
  /** Everything it printed so far. */
  said(): string
  /** Resolves when this was printed; rejects with all it said when it ended before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** As Ctrl-C in a terminal: to the whole group. Resolves with its exit code. */
  interrupt(): Promise<number | null>
  /** Ends whatever is left and takes the home away. */
  clean(): void
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve))

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}

export function startProgram(argv: readonly string[], more: Readonly<Record<string, string>> = {}): Running {
  const home = mkdtempSync(join(tmpdir(), 'vc-story-'))
  const tmp = mkdtempSync(join(home, 'tmp-'))
  const env = {
    PATH: process.env.PATH ?? '',
    VC_NO_INSTALL: '1',
    HOME: home,
    TMPDIR: tmp,
    TERM: 'dumb',
    NO_COLOR: '1',
    VC_PING_MS: '10000',
    ...more,
  }
  const child = spawn(process.execPath, argv, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of waiting) look()
    })
  return {
    home,
    said: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text)
          if (found !== null) resolve(found)
        }
        waiting.add(look)
        child.once('close', () => reject(new Error(`it ended before it said ${pattern}:\n${text}`)))
        look()
      }),
    interrupt() {
      signalGroup(child, 'SIGINT')
      return exitOf(child)
    },
    clean() {
      signalGroup(child, 'SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Processes whose environment names this home (Linux; elsewhere none can be found that way). */
export const processesOf = (home: string): readonly string[] => {
  const pids = readdirSync('/proc', { encoding: 'utf8' }).filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`)
    } catch {
      return false
    }
  })
}
