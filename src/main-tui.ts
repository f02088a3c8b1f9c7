// Builds what the cockpit on the terminal needs: the daemon's answers, commands of vc in this process, what is kept.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import type { CliDeps, TuiWish } from './cli/deps.ts'
import { askMoment } from './commands/at-moment.ts'
import type { AgentRows } from './commands/explain-agent.ts'
import type { LoadedConfig } from './config/index.ts'
import type { AskRequest, Reply } from './core/carrier.ts'
import { VcError } from './core/errors.ts'
import { NoDaemon, requestText } from './transport/socket-client.ts'
import { runTui } from './tui/app.ts'
import type { Answerer, CommandNode, Kept, LiveScreen, TuiPorts } from './tui/ports.ts'
import { screens } from './tui/screens/index.ts'
import { span } from './tui/view/line.ts'

interface Parts {
  readonly loaded: LoadedConfig
  readonly wish: TuiWish
  /** The same dependencies the command line has, for another command line. */
  readonly depsFor: (argv: readonly string[], io: CliDeps['io']) => CliDeps
}

const ANSWER_MS = 20_000

const askDaemon =
  (loaded: LoadedConfig) =>
  async (request: AskRequest): Promise<Reply> => {
    try {
      const { text } = await requestText(loaded.paths.socketFile, {
        method: 'POST',
        path: '/v1/ask',
        body: request,
        timeoutMs: ANSWER_MS,
      })
      return JSON.parse(text) as Reply
    } catch (error) {
      if (!(error instanceof NoDaemon)) throw error
      throw new VcError(
        'daemon_lost',
        `no daemon answers (${error.why})`,
        'start one: vc daemon start, or type :daemon start here',
      )
    }
  }

const collecting = (say: (text: string) => void) =>
  Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        say(chunk.toString('utf8'))
        done()
      },
    }),
    { columns: 100 },
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
  source.is === 'file' ? [...argv, '--config', source.path] : argv

const runHere =
  ({ loaded, depsFor }: Parts) =>
  async (argv: readonly string[], say: (text: string) => void, answer: Answerer): Promise<number> => {
    const { runCli } = await import('./cli/run.ts')
    const out = collecting(say)
    return runCli(
      depsFor(withConfig(loaded, argv), {
        stdin: new PassThrough().end(),
        stdout: out,
        stderr: out,
        env: { ...process.env, NO_COLOR: '1' },
        ask: (question) => answer({ ...question, lines: [] }),
      }),
    )
  }

const commandTree = async ({ depsFor, wish }: Parts): Promise<CommandNode> => {
  const [{ completionTree }, { buildProgram }, { COLLECTOR_NAMES }, { queries }] = await Promise.all([
    import('./cli/completion/tree.ts'),
    import('./cli/program.ts'),
    import('./config/index.ts'),
    import('./queries/index.ts'),
  ])
  const deps = depsFor([], wish.io)
  const topics = queries.map(({ name, summary }) => ({ name, about: summary }))
  return completionTree(await buildProgram(deps.entries, deps, 'all'), { collectors: COLLECTOR_NAMES, topics })
}

const screenLines = (text: string): LiveScreen['lines'] =>
  text
    .replace(/\s+$/, '')
    .split('\n')
    .map((line) => [span(line)])

const lookAt =
  (loaded: LoadedConfig, ask: TuiPorts['ask']) =>
  async (agentId: string): Promise<LiveScreen> => {
    const { daemonCapture } = await import('./commands/evidence-ports.ts')
    const rows = (await ask({ topic: 'explain', params: { id: agentId } })).data as AgentRows
    const { bundle, notes } = await daemonCapture(loaded)(rows)
    const { screen } = bundle
    if (typeof screen !== 'string') return { lines: [], note: notes[0] ?? 'this agent has no terminal that vc can see' }
    return { lines: screenLines(screen), note: null }
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
  ({ loaded, depsFor, wish }: Parts) =>
  async (agentId: string): Promise<void> => {
    const { runCli } = await import('./cli/run.ts')
    const code = await runCli(depsFor(withConfig(loaded, ['session', 'attach', agentId]), wish.io))
    if (code !== 0)
      throw new VcError(
        'not_attached',
        `${agentId}: vc session attach ended with ${code}`,
        `try it in another terminal: vc session attach ${agentId}`,
      )
  }

/** Opens the cockpit on the terminal and resolves when it is left. */
export const openTui = async (parts: Parts): Promise<void> => {
  const { loaded, wish } = parts
  const ask = wish.ask ?? askDaemon(loaded)
  const { io } = wish
  await runTui(
    {
      ask,
      run: runHere(parts),
      refuses,
      commands: () => commandTree(parts),
      live: lookAt(loaded, ask),
      attach: attach(parts),
      kept: keptIn(join(loaded.paths.stateDir, 'tui.json')),
      moment: (text) => askMoment(text, new Date()),
      monotonicMs: () => performance.now(),
      now: () => new Date(),
    },
    {
      tty: { input: process.stdin, output: process.stdout, env: io.env },
      screens,
      ...(wish.screen === undefined ? {} : { screen: wish.screen }),
      ...(wish.theme === undefined ? {} : { theme: wish.theme }),
      ...(wish.inlineRows === undefined ? {} : { inlineRows: wish.inlineRows }),
      ...(wish.refreshMs === undefined ? {} : { refreshMs: wish.refreshMs }),
      ...(wish.at === undefined ? {} : { at: wish.at }),
      mouse: wish.mouse,
    },
  )
}
