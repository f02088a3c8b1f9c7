import type { CockpitHooks, RunningCockpit } from '../../core/cockpit.ts'
import { type CliContext, contextOf, waitNote } from '../context.ts'
import type { CliDeps, RegisterCommand, TuiWish } from '../deps.ts'
import { askFleet, fleetScreen } from '../fleet-screen.ts'
import { openProgress } from '../progress.ts'
import { reloadConfig } from '../reload-config.ts'
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

const showRunning = async (ctx: CliContext, deps: CliDeps, pid: number): Promise<void> => {
  const reader = await deps.openReader(await ctx.config())
  ctx.print(fleetScreen(await askFleet(reader), ctx.paint, { width: ctx.io.stdout.columns }))
  await reader.close()
  ctx.print(`\nvc is already running here (pid ${pid}). Type vc status, or vc daemon stop to end it.`)
}

const footer = (ctx: CliContext, dataDir: string, socket: string, source: string, goesOn: string): string =>
  [
    '',
    ctx.paint('dim', `data    ${dataDir}`),
    ctx.paint('dim', `socket  ${socket}`),
    ctx.paint('dim', `config  ${source}`),
    '',
    'Next, in another terminal:  vc status · vc robot triage --json · vc machines add <id> <ssh target> · vc doctor',
    goesOn,
  ].join('\n')

export const register: RegisterCommand = (program, deps) => {
  program
    .command('up')
    .description('start the cockpit in the foreground: look at once, show the fleet on this terminal, keep watching')
    .option('--demo', 'a recorded demo fleet instead of your machines; nothing of yours is read or written')
    .option('--no-tui', 'always the plain table')
    .addHelpText('after', '\nExamples:\n  vc up\n  vc up --config ops.toml\n  vc up --demo')
    .action(async (options: UpOptions, command) => {
      const ctx = contextOf(command, deps)
      const loaded = options.demo ? await deps.demoConfig() : await ctx.config()
      const running = await deps.pingDaemon(loaded)
      const onScreen = options.tui && noScreen(deps.io) === null && !deps.io.env.CI
      const openTui = (ask?: TuiWish['ask']): Promise<void> =>
        deps.openTui(async () => loaded, { io: deps.io, mouse: true, ...(ask === undefined ? {} : { ask }) })
      if (running !== null) return onScreen ? openTui() : showRunning(ctx, deps, running.pid)
      const progress = openProgress(deps.io)
      const looks = firstLooks(() => machineCount)
      let machineCount = Number.POSITIVE_INFINITY
      const hooks: CockpitHooks = {
        onRun: (run) => looks.saw(run.machineId, run.collector),
        progress: progress.report,
        onWait: waitNote(ctx),
      }
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
        ctx.print(table)
        const source =
          loaded.source.is === 'file'
            ? loaded.source.path
            : 'built in: this machine only (vc config init writes a file)'
        ctx.print(
          footer(
            ctx,
            loaded.paths.dataDir,
            socket,
            options.demo ? `${source} (demo fleet; other commands: --config ${source})` : source,
            onScreen
              ? 'The cockpit opens now; ? tells its keys, q ends vc.'
              : 'vc keeps watching here. Ctrl-C stops it.',
          ),
        )
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
