import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { shellQuoted } from '../../src/core/shell-word.ts'
import type { Cli } from './clis.ts'
import { byCommands, keptProduct, vcCommand } from './product.ts'
import { type Terminal, tmuxServer } from './terminal.ts'
import { until } from './wait.ts'

const HERE = import.meta.dirname
const ROOT = join(HERE, '..', '..')

/** One request as the mock model server remembers it. */
export interface Request {
  readonly model?: string
  readonly scenario?: string
  readonly args?: Readonly<Record<string, string>>
  readonly main?: boolean
  readonly toolDone?: boolean
  readonly messages?: number
  /** The words of `lookFor` (see the mock's control plane) stood in it. */
  readonly found?: boolean
  /** What an answer that was cut off had said of its usage; null: nothing yet. */
  readonly begun?: { readonly in: number; readonly cr: number; readonly cw: number; readonly out: number; readonly rs: number }
  readonly served?: { readonly in: number; readonly cr: number; readonly cw: number; readonly out: number; readonly rs: number }
}

export interface AgentLine {
  readonly agent: string
  readonly cli: string
  readonly state: string
  readonly reason: string | null
  readonly rule: string | null
  readonly until: string | null
  readonly session: string | null
  readonly cwd: string | null
  readonly pane: string | null
  readonly pid: number | null
  readonly ended: string | null
}

interface AgentHome {
  readonly env: Record<string, string>
  readonly headless: readonly string[]
  readonly interactive: readonly string[]
}

/** The thin client leaves a server and an updater behind: they are ended by their pids. */
const endCodexDaemon = (home: string): void => {
  for (const name of ['daemon.pid', 'daemon-updater.pid']) {
    const file = join(home, '.codex', 'app-server-daemon', name)
    if (!existsSync(file)) continue
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: number }
    const cmdline = `/proc/${pid}/cmdline`
    if (pid !== undefined && existsSync(cmdline) && readFileSync(cmdline, 'utf8').includes('codex')) process.kill(pid, 'SIGKILL')
  }
}

const startMock = async (): Promise<{ child: ChildProcess; port: number }> => {
  const child = spawn(process.execPath, [join(HERE, 'mock-model-server.mjs'), '--port', '0', '--ttl', '3600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  })
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, port: (JSON.parse(line) as { port: number }).port }
  }
  throw new Error('the mock model server printed nothing')
}

export interface LaunchOptions {
  readonly headless?: string
  readonly env?: Readonly<Record<string, string | null>>
  /** Folder below the lab; default one work folder for all. */
  readonly folder?: string
  /** Other words for the interactive start. */
  readonly words?: (interactive: readonly string[], cli: Cli) => readonly string[]
}

/** Everything one CLI needs: scratch HOME, git checkout, mock model, private tmux server, and the product looking at them. */
export async function openLab(cli: Cli, bin: string, kept: boolean) {
  const root = mkdtempSync(join(tmpdir(), `vct-${cli}-`))
  const [home, work, tmuxDir] = [join(root, 'home'), join(root, 'work'), join(root, 'tmux')]
  for (const dir of [home, work, tmuxDir]) mkdirSync(dir, { mode: 0o700 })
  const path = [bin, join(ROOT, 'node_modules', '.bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(':')
  const base = { PATH: path, HOME: home, LANG: 'C.UTF-8' }
  const git = ['-c', 'user.email=a@b', '-c', 'user.name=a']
  execFileSync('git', ['init', '-q', '-b', 'main', work], { env: base })
  execFileSync('git', [...git, '-C', work, 'commit', '-q', '--allow-empty', '-m', 'start'], { env: base })
  const mock = await startMock()
  const tmux = tmuxServer(tmuxDir, 'agents')
  const made = execFileSync(
    process.execPath,
    [join(HERE, 'make-agent-home.mjs'), cli, home, work, String(mock.port), '--ask'],
    { encoding: 'utf8' },
  )
  const prepared = JSON.parse(made) as AgentHome
  let opened = 0

  const launch = async (options: LaunchOptions = {}): Promise<Terminal> => {
    const folder = options.folder === undefined ? work : join(root, options.folder)
    mkdirSync(folder, { recursive: true })
    const env = { PATH: path, TERM: 'tmux-256color', ...prepared.env, ...options.env }
    const words = Object.entries(env).flatMap(([name, value]) => (value === null ? [] : [shellQuoted(`${name}=${value}`)]))
    const prompt = options.headless
    const interactive = options.words?.(prepared.interactive, cli) ?? prepared.interactive
    const argv = prompt === undefined ? interactive : prepared.headless.map((w) => (w === 'mock:say' ? prompt : w))
    const name = `s${++opened}`
    const script = join(root, `${name}.sh`)
    writeFileSync(
      script,
      `cd ${shellQuoted(folder)}\nenv -i ${words.join(' ')} ${argv.map(shellQuoted).join(' ')}\nPS1='shell$ ' exec sh -i\n`,
    )
    chmodSync(script, 0o600)
    return tmux.open(name, folder, script)
  }

  /** A shell for a person who types commands of the product; `rc` is read when it starts. */
  const shell = (rc: string): Promise<Terminal> => {
    const env = { ...base, TMUX_TMPDIR: tmuxDir, TERM: 'tmux-256color', SHELL: '/bin/sh', ENV: rc }
    const words = Object.entries(env).map(([name, value]) => shellQuoted(`${name}=${value}`))
    const name = `s${++opened}`
    const script = join(root, `${name}.sh`)
    writeFileSync(script, `cd ${shellQuoted(work)}\nexec env -i ${words.join(' ')} sh -i\n`)
    chmodSync(script, 0o600)
    return tmux.open(name, work, script)
  }

  const vcEnv = { ...base, TMUX_TMPDIR: tmuxDir }
  const vc = vcCommand(vcEnv, root)
  const product = kept ? await keptProduct(vcEnv, root) : byCommands(vc)

  return {
    cli,
    root,
    home,
    work,
    /** What the CLI is started with, besides PATH and TERM. */
    env: prepared.env,
    path,
    port: mock.port,
    launch,
    shell,
    /** A command of the product, in a process of its own; not while `product` keeps the store. */
    vc,
    vcEnv,
    tmuxDir,
    product,
    /** Agents below this lab only: other agents of the same user may run on this machine. */
    agents: async (): Promise<readonly AgentLine[]> => {
      const { agents } = await product.ask<{ agents: readonly AgentLine[] }>('agents', { all: 'true' })
      return agents.filter((agent) => agent.pane?.includes(tmuxDir) || agent.cwd?.startsWith(root))
    },
    requests: async (): Promise<readonly Request[]> =>
      (await (await fetch(`http://127.0.0.1:${mock.port}/__mock/requests`)).json()) as readonly Request[],
    /** Later requests tell by `found` whether these words stood in them. */
    lookFor: async (words: string): Promise<void> => {
      await fetch(`http://127.0.0.1:${mock.port}/__mock/config`, { method: 'POST', body: JSON.stringify({ lookFor: words }) })
    },
    /** The product's daemon, started in the login environment that the CLI needs. */
    startDaemon: async (): Promise<void> => {
      await vcCommand({ ...vcEnv, ...prepared.env }, root)('daemon', '--detach')
    },
    /** Ends the tmux server of the product with all that runs in it. */
    endEngine: (): void => {
      spawnSync('tmux', ['-S', join(home, '.local/state/vc/run/tmux.sock'), 'kill-server'], { stdio: 'ignore' })
    },
    close: async (keep: boolean) => {
      await product.close()
      await tmux.stop()
      endCodexDaemon(home)
      mock.child.kill('SIGTERM')
      await until('the mock server to end', () => mock.child.exitCode !== null || mock.child.signalCode !== null)
      if (!keep) rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

export type Lab = Awaited<ReturnType<typeof openLab>>
