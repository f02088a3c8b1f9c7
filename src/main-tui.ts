// Builds what the cockpit on the terminal needs: the daemon's answers, commands of vc in this process, what is kept.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { CliDeps, TuiWish } from './cli/deps.ts'
import { askMoment } from './commands/at-moment.ts'
import type { AgentRows } from './commands/explain-agent.ts'
import type { LoadedConfig } from './config/index.ts'
import { resolvePaths, surroundings } from './config/paths.ts'
import type { AskRequest, Reply } from './core/carrier.ts'
import { VcError } from './core/errors.ts'
import { detailRoom } from './tui/app/layers/detail.ts'
import { runTui } from './tui/app.ts'
import type { Answerer, CommandNode, Kept, LiveScreen, TuiPorts } from './tui/ports.ts'
import { openScreens } from './tui/screens/opening.ts'

interface Parts {
  /** The configuration in force, loaded once, when it is first needed: the first picture does not wait for it. */
  readonly load: () => Promise<LoadedConfig>
  readonly wish: TuiWish
  /** The same dependencies the command line has, for another command line. */
  readonly depsFor: (argv: readonly string[], io: CliDeps['io']) => CliDeps
}

const ANSWER_MS = 20_000

const askDaemon =
  (load: Parts['load'], signal: AbortSignal) =>
  async (request: AskRequest): Promise<Reply> => {
    const [loaded, { NoDaemon, requestText }] = await Promise.all([load(), import('./transport/socket-client.ts')])
    try {
      const { text } = await requestText(loaded.paths.socketFile, {
        method: 'POST',
        path: '/v1/ask',
        body: request,
        timeoutMs: ANSWER_MS,
        signal,
      })
      return JSON.parse(text) as Reply
    } catch (error) {
      if (!(error instanceof NoDaemon)) throw error
      throw new VcError('daemon_lost', `no daemon answers (${error.why})`, 'start one: vc daemon --detach')
    }
  }

const collecting = (say: (text: string) => void, columns: number) =>
  Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        say(chunk.toString('utf8'))
        done()
      },
    }),
    { columns },
  )

/** Commands that would never give the screen back, and what to do instead. */
const ENDLESS: Readonly<Record<string, string>> = {
  up: 'you are in it already',
  tui: 'you are in it already',
  watch: 'it does not end by itself: use another terminal, or say how often: watch --count 3',
}

const refuses = (argv: readonly string[]): string | null => {
  const [verb = '', word] = argv
  if (verb === 'watch' && argv.includes('--count')) return null
  if (verb === 'daemon' && (word === undefined || word.startsWith('-')))
    return 'it would run in here for ever: type daemon start'
  if (verb === 'session' && word === 'attach')
    return 'attach with the key of the agent, so that the terminal can be lent'
  return ENDLESS[verb] === undefined ? null : `vc ${verb}: ${ENDLESS[verb]}`
}

// The same configuration as the cockpit's, whatever the environment says later.
const withConfig = ({ source }: LoadedConfig, argv: readonly string[]): readonly string[] =>
  source.is === 'file' ? ['--config', source.path, ...argv] : argv

const runHere =
  ({ load, depsFor, wish }: Parts) =>
  async (argv: readonly string[], say: (text: string) => void, answer: Answerer): Promise<number> => {
    const { runCli } = await import('./cli/run.ts')
    const out = collecting(say, detailRoom(wish.io.stdout.columns || 100))
    return runCli(
      depsFor(withConfig(await load(), argv), {
        stdin: new PassThrough().end(),
        stdout: out,
        stderr: out,
        env: { ...process.env, NO_COLOR: '1' },
        ask: (question) => answer({ ...question, lines: [] }),
      }),
    )
  }

/** The same, remembering what has not ended yet. */
const counted = (run: TuiPorts['run'], running: Map<symbol, string>): TuiPorts['run'] => {
  return async (argv, ...rest) => {
    const one = Symbol('run')
    running.set(one, `vc ${argv.join(' ')}`)
    try {
      return await run(argv, ...rest)
    } finally {
      running.delete(one)
    }
  }
}

// A command keeps the process. Who left with a key is told what the prompt waits for, because it may be half done; who
// sent a signal, or closed the terminal, wants an end. The owner of the store ends them by ending what answers them.
const leaveRunning = (running: ReadonlyMap<symbol, string>, by: NodeJS.Signals | null, { ask, io }: TuiWish): void => {
  if (running.size === 0 || ask !== undefined) return
  if (by !== null) return void process.kill(process.pid, by)
  io.stderr.write(`vc: still running: ${[...running.values()].join(', ')}; Ctrl-C ends it\n`)
}

const commandTree = async ({ depsFor, wish }: Parts): Promise<CommandNode> => {
  const [{ wholeTree }, { buildProgram }] = await Promise.all([
    import('./cli/completion/build.ts'),
    import('./cli/program.ts'),
  ])
  const deps = depsFor([], wish.io)
  return wholeTree(await buildProgram(deps.entries, deps, 'all'))
}

interface Drawn {
  readonly ansi: string
  readonly screen: LiveScreen
}

const columnsOf = (pane: unknown): number | null => {
  const width = typeof pane === 'object' && pane !== null ? (pane as Record<string, unknown>).pane_width : null
  return typeof width === 'number' ? width : null
}

const MOST_DRAWN = 16

// What comes was cut and redacted where it was seen. Most looks find the screen as it was: it is drawn once.
const lookAt = ({ load }: Parts, ask: TuiPorts['ask']) => {
  const drawn = new Map<string, Drawn>()
  return async (agentId: string): Promise<LiveScreen> => {
    const [loaded, { daemonCapture }] = await Promise.all([load(), import('./commands/evidence-ports.ts')])
    const rows = (await ask({ topic: 'explain', params: { id: agentId } })).data as AgentRows
    const { bundle, notes } = await daemonCapture(loaded)(rows)
    const ansi = bundle.screen_ansi ?? bundle.screen
    if (typeof ansi !== 'string') return { lines: [], note: notes[0] ?? 'this agent has no terminal that vc can see' }
    const before = drawn.get(agentId)
    if (before?.ansi === ansi) return before.screen
    const [{ capturedLines }, { dialogOn }] = await Promise.all([
      import('./tui/ui/captured-screen.ts'),
      import('./commands/agent-eye.ts'),
    ])
    const lines = await capturedLines({ ansi, columns: columnsOf(bundle.pane) })
    const screen = { lines, note: null, dialog: dialogOn(rows.agent.cli, bundle.screen)?.hash ?? null }
    if (drawn.size >= MOST_DRAWN) drawn.clear()
    drawn.set(agentId, { ansi, screen })
    return screen
  }
}

const keptIn = (file: string): TuiPorts['kept'] => ({
  load() {
    try {
      const kept: unknown = JSON.parse(readFileSync(file, 'utf8'))
      return typeof kept === 'object' && kept !== null ? (kept as Kept) : {}
    } catch {
      // The first time, or a file that broke: one begins anew.
      return {}
    }
  },
  save(kept) {
    try {
      mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    } catch {
      // A full or read-only disk: the theme is forgotten, nothing else.
    }
  },
})

const attach =
  ({ load, depsFor, wish }: Parts) =>
  async (agentId: string): Promise<void> => {
    const { runCli } = await import('./cli/run.ts')
    const code = await runCli(depsFor(withConfig(await load(), ['session', 'attach', agentId]), wish.io))
    if (code !== 0)
      throw new VcError(
        'not_attached',
        `${agentId}: vc session attach ended with ${code}`,
        `try it in another terminal: vc session attach ${agentId}`,
      )
  }

// Read once, whoever asks first; what it has to say is shown when the screen is there.
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** Opens the cockpit on the terminal and resolves when it is left. */
export const openTui = async (given: Parts): Promise<void> => {
  const parts = { ...given, load: once(given.load) }
  const { wish } = parts
  const over = new AbortController()
  const ask = wish.ask ?? askDaemon(parts.load, over.signal)
  const { screens, rest } = await openScreens(wish.screen)
  const running = new Map<symbol, string>()
  const by = await runTui(
    {
      ask,
      run: counted(runHere(parts), running),
      refuses,
      commands: () => commandTree(parts),
      live: lookAt(parts, ask),
      press: async (agent, pressed) => {
        const [{ paths }, { pressKeys }] = await Promise.all([parts.load(), import('./commands/press-keys.ts')])
        return pressKeys(paths.socketFile, agent, pressed)
      },
      attach: attach(parts),
      kept: keptIn(join(resolvePaths(surroundings()).stateDir, 'tui.json')),
      moment: (text) => askMoment(text, new Date()),
      monotonicMs: () => performance.now(),
      now: () => new Date(),
    },
    {
      tty: { input: process.stdin, output: process.stdout, env: wish.io.env },
      screens,
      ...wish,
      async afterFirst({ changed, say }) {
        const { notices } = await parts.load()
        for (const { message, fix } of notices) say(`${message} (${fix})`)
        await rest(changed)
      },
    },
    // Questions nobody waits for any more would keep the process.
  ).finally(() => over.abort())
  leaveRunning(running, by, wish)
}
