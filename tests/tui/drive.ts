import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { shellQuoted } from '../../src/core/shell-word.ts'
import { type FocusedTitle, focusedTitles } from './focused-titles.ts'

const ROOT = join(import.meta.dirname, '../..')
const BIN = join(ROOT, 'bin/vc.js')
const run = promisify(execFile)

interface Size {
  readonly columns: number
  readonly rows: number
}

/** A person with a home of their own, a demo fleet that is played, and terminals of a private tmux server. */
export const openDrive = async () => {
  const home = mkdtempSync(join(tmpdir(), 'vc-tui-'))
  const tmp = join(home, 'tmp')
  mkdirSync(tmp)
  const socket = join(home, 'tmux.sock')
  const env = { HOME: home, TMPDIR: tmp, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', VC_PING_MS: '10000' }
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { env })).stdout
  // tmux 3.3a dies of a new session while window-size is manual for all; resize-window makes it so for its own window.
  // A session that stays, so that the server outlives whatever ends in it.
  await tmux('new-session', '-d', '-s', 'keep', 'exec sleep 100000')
  await tmux('set', '-g', 'remain-on-exit', 'on', ';', 'set', '-g', 'status', 'off')
  let daemon = startFleet(env)
  const config = await daemon.config

  return {
    home,
    env,
    config,
    tmux,
    /** Ends the daemon that plays the fleet without a word, as `kill -9` does; resolves when it is gone. */
    loseDaemon: (): Promise<void> => daemon.end('SIGKILL'),
    /** A daemon on the same store: it knows what was seen, and cannot reach the machines. Nothing when one runs. */
    async regainDaemon(): Promise<void> {
      if (daemon.runs()) return
      daemon = startFleet(env, config)
      await daemon.config
    },
    /** Types a vc command in another terminal. */
    async vc(...argv: readonly string[]): Promise<string> {
      return (await run(process.execPath, [BIN, ...argv, '--config', config], { env, cwd: home })).stdout
    },
    /** Opens the cockpit in a terminal of its own. */
    async cockpit(
      options: {
        readonly size?: Size
        readonly argv?: readonly string[]
        readonly env?: Readonly<Record<string, string>>
        /** With the theme and the filter of the run before; else as the first time. */
        readonly kept?: true
      } = {},
    ): Promise<Pane> {
      const { size = { columns: 120, rows: 36 }, argv = [] } = options
      if (options.kept !== true) rmSync(join(home, '.local/state/vc/tui.json'), { force: true })
      const words = [process.execPath, BIN, 'tui', '--config', config, ...argv]
      const set = Object.entries({ ...env, TERM: 'tmux-256color', ...options.env }).map(
        ([name, value]) => `${name}=${shellQuoted(value)}`,
      )
      const command = `exec env -i ${set.join(' ')} ${words.map(shellQuoted).join(' ')}`
      const pane = (
        await tmux(
          'new-session',
          '-d',
          '-P',
          '-F',
          '#{pane_id}',
          '-x',
          `${size.columns}`,
          '-y',
          `${size.rows}`,
          command,
        )
      ).trim()
      await tmux('resize-window', '-t', pane, '-x', `${size.columns}`, '-y', `${size.rows}`)
      return paneOf(tmux, pane)
    },
    async close(): Promise<void> {
      await tmux('kill-server').catch(() => undefined)
      await daemon.end()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
export type Drive = Awaited<ReturnType<typeof openDrive>>

const startFleet = (env: NodeJS.ProcessEnv, config?: string) => {
  const argv = config === undefined ? ['up', '--demo', '--no-tui'] : ['up', '--no-tui', '--config', config]
  const child = spawn(process.execPath, [BIN, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  return {
    /** The configuration it says other commands need. */
    config: new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString('utf8')
          const found = /config {2}(\S+)[^\n]*\n/.exec(said)?.[1]
          if (found !== undefined) resolve(found)
        })
      child.once('exit', () => reject(new Error(`the demo ended: ${said}`)))
    }),
    runs: (): boolean => child.exitCode === null && child.signalCode === null,
    async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
      child.kill(signal)
      await ended
    },
  }
}

/** How long a story waits for what must come; generous, because the machine may be busy. */
const PATIENCE_MS = 180_000

type Tmux = (...args: readonly string[]) => Promise<string>

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60))

/**
 * A terminal with the cockpit in it. What is waited for after a key must be what the key does: a wait for something that was
 * there before it fails at once, because it would wait for nothing and leave the key's effect to luck. `has` is for what stays.
 */
export const paneOf = (tmux: Tmux, pane: string) => {
  /** The screen at the first key since the last wait that was fulfilled. */
  let before: string | null = null
  const text = (): Promise<string> => tmux('capture-pane', '-p', '-t', pane)
  const acting = async (): Promise<void> => {
    before ??= await text()
  }
  const until = async (holds: (text: string) => boolean, what: string): Promise<string> => {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const shown = await text()
      if (holds(shown)) return shown
      if (performance.now() > end) throw new Error(`the screen never ${what}:\n${shown}`)
      await pause()
    }
  }
  const wait = async (holds: (text: string) => boolean, what: string): Promise<string> => {
    if (before !== null && holds(before))
      throw new Error(`the screen had ${what} before the key already, this waits for nothing:\n${before}`)
    const shown = await until(holds, what)
    before = null
    return shown
  }
  const keys = async (...names: readonly string[]): Promise<void> =>
    void (await tmux('send-keys', '-t', pane, ...names))
  const focusNow = async (holds: (now: FocusedTitle) => boolean): Promise<FocusedTitle> => {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const found = focusedTitles(await tmux('capture-pane', '-e', '-p', '-t', pane))
      const [only] = found
      if (only !== undefined && found.length === 1 && holds(only)) return only
      if (performance.now() > end)
        throw new Error(
          `the focus never came, ${found.map(({ title }) => title).join(' and ') || 'nothing'} has it:\n${await text()}`,
        )
      await pause()
    }
  }
  const format = async (what: string): Promise<string> => (await tmux('display', '-p', '-t', pane, what)).trim()
  return {
    text,
    /** Keys by their tmux names: `Down`, `Enter`, `C-d`, `j`. */
    async press(...names: readonly string[]): Promise<void> {
      await acting()
      await keys(...names)
    },
    /** Text as typed, letter by letter. */
    async type(words: string): Promise<void> {
      await acting()
      await tmux('send-keys', '-t', pane, '-l', '--', words)
    },
    /** Waits until the screen shows it; fails with the screen. */
    shows: (pattern: RegExp): Promise<string> => wait((shown) => pattern.test(shown), `showed ${pattern}`),
    hides: (pattern: RegExp): Promise<string> => wait((shown) => !pattern.test(shown), `lost ${pattern}`),
    /** Waits until it is there, also when it was before: for what must stay, after the effect of a key was seen. */
    has: (pattern: RegExp): Promise<string> => until((shown) => pattern.test(shown), `had ${pattern}`),
    /** The title of the panel that has the focus. */
    focused: async (): Promise<string> => (await focusNow(() => true)).title,
    /** Key by key to the panel with this title; the effect of each is waited for. */
    async focus(title: RegExp, key: 'Tab' | 'BTab' = 'Tab'): Promise<void> {
      let here = await focusNow(() => true)
      for (let tabs = 0; !title.test(here.title); tabs += 1) {
        if (tabs > 20) throw new Error(`${key} leads to no panel ${title}:\n${await text()}`)
        const from = here.at
        await keys(key)
        here = await focusNow(({ at }) => at !== from)
      }
      before = null
    },
    async resize({ columns, rows }: Size): Promise<void> {
      await acting()
      await tmux('resize-window', '-t', pane, '-x', `${columns}`, '-y', `${rows}`)
    },
    /** The terminal as the program left it. */
    async terminal() {
      const [alternate, cursor, mouse, dead, status] = (
        await format('#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{pane_dead} #{pane_dead_status}')
      ).split(' ')
      return {
        alternate: alternate === '1',
        cursor: cursor === '1',
        mouse: mouse === '1',
        ended: dead === '1',
        status: status === undefined || status === '' ? null : Number(status),
      }
    },
    pid: async (): Promise<number> => Number(await format('#{pane_pid}')),
    /** Waits until the program has ended. */
    async ended(): Promise<void> {
      const end = performance.now() + PATIENCE_MS
      while ((await format('#{pane_dead}')) !== '1') {
        if (performance.now() > end) throw new Error(`it never ended:\n${await text()}`)
        await pause()
      }
    },
    /** Ends the program and takes its window away, however it stands. */
    close: async (): Promise<void> => void (await tmux('kill-pane', '-t', pane).catch(() => undefined)),
  }
}
export type Pane = ReturnType<typeof paneOf>
