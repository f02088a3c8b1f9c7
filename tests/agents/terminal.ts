import { execFile, execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { until } from './wait.ts'

const run = promisify(execFile)

/** One process below a terminal's shell, as ps sees it; the truth the product is compared with. */
export interface Seen {
  readonly pid: number
  readonly ppid: number
  readonly state: string
  readonly comm: string
}

/** A pane of the scratch tmux server. */
export interface Terminal {
  readonly name: string
  readonly pid: number
  screen(): Promise<string>
  title(): Promise<string>
  /** Waits for text on the screen. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<void>
  /** Waits until a text left the screen. */
  loses(pattern: RegExp, timeoutMs?: number): Promise<void>
  /** Types a line and sends it, as slowly as the CLIs need it. */
  say(text: string): Promise<void>
  type(text: string): Promise<void>
  key(...names: readonly string[]): Promise<void>
  /** Everything below the pane's shell. */
  processes(): Promise<readonly Seen[]>
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>
  close(): Promise<void>
}

const tree = async (root: number): Promise<readonly Seen[]> => {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,stat=,comm='])
  const all = stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, state, comm] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), ppid: Number(ppid), state: state ?? '', comm: comm ?? '' }]
  })
  const below = (pid: number): readonly Seen[] =>
    all.filter((row) => row.ppid === pid).flatMap((row) => [row, ...below(row.pid)])
  return below(root).filter((row) => !row.state.startsWith('Z'))
}

/** A private tmux server in `dir` (TMUX_TMPDIR), so that neither side sees anybody else's panes. */
export function tmuxServer(dir: string, socket: string) {
  const env = { PATH: process.env.PATH ?? '', TMUX_TMPDIR: dir, LANG: 'C.UTF-8', HOME: dir, TERM: 'xterm-256color' }
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...args], { env, maxBuffer: 8 * 1024 * 1024 })).stdout

  const open = async (name: string, cwd: string, script: string): Promise<Terminal> => {
    const words = ['-c', cwd, '-n', 'work', `exec sh ${script}`]
    // the server outlives its last session: one that is just leaving would refuse the next
    await tmux('new-session', '-d', '-s', name, '-x', '120', '-y', '40', ...words, ';', 'set', '-s', 'exit-empty', 'off')
    const at = `=${name}:`
    const pid = Number((await tmux('display-message', '-p', '-t', at, '#{pane_pid}')).trim())
    const screen = (): Promise<string> => tmux('capture-pane', '-p', '-J', '-t', at)
    const shown = async (): Promise<string> => (await screen()).replace(/\n{3,}/g, '\n\n')
    const key = async (...names: readonly string[]): Promise<void> => {
      await tmux('send-keys', '-t', at, ...names)
    }
    const type = async (text: string): Promise<void> => {
      await tmux('send-keys', '-t', at, '-l', text)
      await until(`typed ${text}`, async () => (await screen()).includes(text.slice(0, 12)), { words: shown })
    }
    return {
      name,
      pid,
      screen,
      title: async () => (await tmux('display-message', '-p', '-t', at, '#{pane_title}')).trim(),
      sees: async (pattern, timeoutMs = 60_000) => {
        await until(String(pattern), async () => pattern.test(await screen()), { timeoutMs, words: shown })
      },
      loses: async (pattern, timeoutMs = 60_000) => {
        await until(`no ${pattern}`, async () => !pattern.test(await screen()), { timeoutMs, words: shown })
      },
      type,
      say: async (text) => {
        await type(text)
        await pause(300)
        await key('Enter')
      },
      key,
      processes: () => tree(pid),
      signal: async (signal) => {
        for (const { pid: child } of await tree(pid)) {
          try {
            process.kill(child, signal)
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
          }
        }
      },
      close: async () => {
        const left = (await tree(pid)).map((row) => row.pid)
        for (const child of [...left, pid]) {
          try {
            process.kill(child, 'SIGKILL')
          } catch {
            // gone already
          }
        }
        await until('the pane to close', async () => !(await tmux('ls').catch(() => '')).includes(`${name}:`))
      },
    }
  }
  const stop = async (): Promise<void> => {
    await tmux('kill-server').catch(() => '')
  }
  return { open, stop }
}

export const hasProgram = (name: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`])
    return true
  } catch {
    return false
  }
}
