import { refuseStopped } from '../../commands/store-holder.ts'
import type { LoadedConfig } from '../../config/index.ts'
import type { CockpitHooks, RunningCockpit } from '../../core/cockpit.ts'
import { usageError, type VcError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest.ts'
import { shellWord } from '../../core/shell-word.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf, waitNote } from '../context.ts'
import type { CliDeps, RegisterCommand, TuiWish } from '../deps.ts'
import { askFleet, fleetScreen } from '../fleet-screen.ts'
import { openProgress } from '../progress.ts'
import { reloadConfig } from '../reload-config.ts'
import { asTyped } from '../typed-as.ts'
import { unheard } from '../unheard.ts'
import { untilSignal } from '../until-signal.ts'
import { noScreen } from './tui.ts'

interface UpOptions {
  readonly demo?: boolean
  readonly tui: boolean
}

/** How long the first table waits for machines that are slow to answer. */
const FIRST_TABLE_MS = 2_000

/** What the first table shows of a machine comes from these two; the second is asked when the first has told what is there. */
const SHOWN_FIRST = ['probe', 'tmux'] as const

// Every machine has answered both once, or failed once.
const firstLooks = (count: () => number) => {
  const looked = new Map<string, Set<string>>()
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    done: promise,
    saw(machineId: string, collector: string): void {
      if (!SHOWN_FIRST.some((name) => name === collector)) return
      looked.set(machineId, (looked.get(machineId) ?? new Set()).add(collector))
      const complete = [...looked.values()].filter((seen) => seen.size === SHOWN_FIRST.length).length
      if (complete >= count()) resolve()
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())

const tableOf = async (ctx: CliContext, cockpit: RunningCockpit): Promise<string> => {
  await cockpit.judgeNow()
  return fleetScreen(await askFleet(cockpit.reader), ctx.paint, { width: ctx.io.stdout.columns })
}

/** Where another terminal would not look by itself: it must be told, or it asks the vc of ~/.config. */
const told = (ctx: CliContext, { source }: LoadedConfig, demo: boolean): string | null =>
  source.is === 'file' && (demo || ctx.configFlag !== undefined) ? shellWord(source.path) : null

const say = (ctx: CliContext, text: string): void => ctx.print(asTyped(ctx.io, text))

const showRunning = async (ctx: CliContext, deps: CliDeps, pid: number): Promise<void> => {
  const loaded = await ctx.config()
  const reader = await deps.openReader(loaded)
  say(ctx, fleetScreen(await askFleet(reader), ctx.paint, { width: ctx.io.stdout.columns }))
  await reader.close()
  const file = told(ctx, loaded, false)
  const vc = file === null ? 'vc' : `vc --config ${file}`
  say(ctx, `\nvc is already running here (pid ${pid}). Type ${vc} status, or ${vc} daemon stop to end it.`)
}

const COMMANDS = ['vc status', 'vc robot triage --json', 'vc machines add <id> <ssh target>', 'vc doctor']

const footer = (ctx: CliContext, loaded: LoadedConfig, socket: string, demo: boolean, goesOn: string): string => {
  const { source, paths } = loaded
  const file = told(ctx, loaded, demo)
  const config = source.is === 'file' ? source.path : 'built in: this machine only (vc config init writes a file)'
  // A played fleet is what was recorded: no machine can be added to it.
  const commands = COMMANDS.filter((command) => !demo || !command.includes('machines add')).join(' · ')
  return [
    '',
    ctx.paint('dim', `data    ${paths.dataDir}`),
    ctx.paint('dim', `socket  ${socket}`),
    ctx.paint('dim', `config  ${config}${demo ? ` (demo fleet; other commands: --config ${config})` : ''}`),
    '',
    `Next, in another terminal${ctx.io.typedAs === 'npx vc' ? ' in this folder' : ''}:  ${file === null ? '' : `export VC_CONFIG=${file}  and then  `}${commands}`,
    goesOn,
  ].join('\n')
}

/** `npm start -- status` and the like: mostly the word is a command of its own. */
const oneWordTooMany = ({ io, entries }: CliDeps, word: string): VcError => {
  const names = entries.map(({ name }) => name)
  const shown = displayText(word, 40)
  const near = names.includes(word) ? word : nearestName(word, names)
  const starts = io.typedAs === 'npx vc' ? 'npm start and vc up take' : 'vc up takes'
  const fix =
    near === null
      ? 'see: vc up --help'
      : near === word
        ? `it is a command of its own: vc ${near}`
        : `did you mean: vc ${near}`
  return usageError('excess_arguments', `${starts} options only, and no word '${shown}'`, fix)
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('up')
    .description('start the cockpit in the foreground: look at once, show the fleet on this terminal, keep watching')
    .option('--demo', 'a recorded demo fleet instead of your machines; nothing of yours is read or written')
    .option('--no-tui', 'always the plain table')
    .addHelpText('after', '\nExamples:\n  vc up\n  vc up --config ops.toml\n  vc up --demo')
    .allowExcessArguments()
    .action(async (options: UpOptions, command) => {
      const [word] = command.args
      if (word !== undefined) throw oneWordTooMany(deps, word)
      const ctx = contextOf(command, deps)
      const loaded = options.demo ? await deps.demoConfig() : await ctx.config()
      const running = await deps.pingDaemon(loaded)
      const onScreen = options.tui && noScreen(deps.io) === null && !deps.io.env.CI
      const openTui = (ask?: TuiWish['ask']): Promise<void> =>
        deps.openTui(async () => loaded, { io: deps.io, mouse: true, ...(ask === undefined ? {} : { ask }) })
      if (running !== null) return onScreen ? openTui() : showRunning(ctx, deps, running.pid)
      await refuseStopped(loaded.paths.dataDir)
      const progress = openProgress(deps.io)
      const looks = firstLooks(() => machineCount)
      let machineCount = Number.POSITIVE_INFINITY
      const hooks: CockpitHooks = {
        onRun: (run) => looks.saw(run.machineId, run.collector),
        progress: progress.report,
        onWait: waitNote(ctx),
      }
      unheard(deps.io.stdout)
      const signal = untilSignal(() => void reloadConfig(ctx, starting))
      const starting = deps.startCockpit(loaded, hooks, {
        demo: options.demo === true,
        configFlag: ctx.configFlag,
      })
      const cockpit = await starting
      try {
        machineCount = cockpit.machineIds.length
        const socket = await cockpit.serve()
        cockpit.start()
        let ended = false
        const end = signal.ended.then(() => {
          ended = true
        })
        if (machineCount > 0) await Promise.race([looks.done, pause(FIRST_TABLE_MS), end])
        const table = await tableOf(ctx, cockpit)
        // Only now: while the table was made, progress went on drawing.
        progress.clear()
        say(ctx, table)
        const goesOn = onScreen
          ? 'The cockpit opens now; ? tells its keys, q ends vc.'
          : 'vc keeps watching here. Ctrl-C stops it.'
        say(ctx, footer(ctx, loaded, socket, options.demo === true, goesOn))
        if (onScreen) {
          progress.end()
          if (!ended) await Promise.race([openTui((request) => cockpit.reader.ask(request)), end])
          return
        }
        await end
        progress.clear()
      } finally {
        await cockpit.stop().finally(signal.release)
      }
      ctx.print('vc: stopped')
    })
}
