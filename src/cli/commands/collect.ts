import { settledOwner } from '../../commands/settled-owner.ts'
import { silentHolder, storeHolder } from '../../commands/store-holder.ts'
import type { LoadedConfig } from '../../config/index.ts'
import { EXIT, type ExitCode, VcError } from '../../core/errors.ts'
import { type LookWish, type NotLooked, type ToldRun, toldRun } from '../../core/looked.ts'
import { contextOf, waitNote } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { isAbsent, leftOutLine, runDetails, runLine, sumLine } from '../look-print.ts'
import { openProgress } from '../progress.ts'
import { sayBegunAnew } from '../say-begun-anew.ts'
import { cutAnswer, unheard } from '../unheard.ts'
import { untilSignal } from '../until-signal.ts'

interface CollectOptions {
  readonly machine: readonly string[]
  readonly collector: readonly string[]
  readonly explain?: boolean
  readonly requireFresh?: boolean
}

const list = (value: string, before: readonly string[]): string[] => [
  ...before,
  ...value.split(',').map((word) => word.trim()),
]

const exitOf = (runs: readonly ToldRun[], notLooked: readonly NotLooked[], strict: boolean): ExitCode => {
  const ok = runs.filter((run) => run.up).length
  if (runs.length > 0 && ok === 0) return EXIT.fault
  if (runs.length === 0 && notLooked.length > 0)
    return notLooked.some(({ why }) => why === 'backing_off') ? EXIT.fault : EXIT.refused
  const missed = notLooked.length > 0 || runs.some((run) => !run.up && !isAbsent(run))
  return strict && missed ? EXIT.stale : EXIT.answered
}

const gaveUp = (): VcError =>
  new VcError('wait_left', 'no longer waiting; nothing was looked at', 'vc collect begins again')

/** A daemon that only starts is waited for: it looks. Another command is, too: then this process looks. */
const daemonAnswers = async (
  deps: CliDeps,
  { paths }: LoadedConfig,
  onWait: (pid: number) => void,
  signal: AbortSignal,
): Promise<boolean> => {
  const answers = async (): Promise<boolean> => (await deps.pingDaemon({ paths })) !== null
  const ports = { answers, holder: () => storeHolder(paths.dataDir), onWait, signal }
  const became = await settledOwner(ports)
  if (signal.aborted) throw gaveUp()
  if (became === 'silent') throw await silentHolder(paths.dataDir)
  return became === 'answers'
}

const HELP = `
Examples:
  vc collect
  vc collect --collector probe -m atlas --explain

While a daemon runs it does the looking, and this command shows what it sees: a source that it is looking at already is
waited for, and a machine that does not answer is asked before its next retry only where -m names it, and not again
within polling.retry_min_seconds (5 s) of the last try. Ctrl-C ends the waiting, not the look. Exit: 1 when no run was
well, 3 with --require-fresh when some were not, 4 for what is switched off, 5 when the daemon went away in between, 124
when it, or another command that has the store, does not answer within half a minute.`

export const register: RegisterCommand = (program, deps) => {
  program
    .command('collect')
    .description('look once, now, at every machine (or those named), and store what is seen')
    .option('-m, --machine <id>', 'only this machine (repeat or comma-separate)', list, [])
    .option('--collector <name>', 'only this collector (repeat or comma-separate)', list, [])
    .option('--explain', 'every ask with argv, exit and bytes; tables, cursors, versions and warnings of each run')
    .option('--require-fresh', 'exit 3 when something asked for could not be looked at')
    .addHelpText('after', HELP)
    .action(async (options: CollectOptions, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const loaded = await ctx.config()
      const wish: LookWish = { machines: options.machine, collectors: options.collector }
      const progress = openProgress(deps.io)
      const seen: ToldRun[] = []
      const onRun = (run: ToldRun): void => {
        seen.push(run)
        progress.clear()
        if (format === 'table')
          for (const line of [runLine(run, ctx.paint), ...(options.explain ? runDetails(run) : [])]) ctx.print(line)
      }
      const noteWait = waitNote(ctx)
      let waited = false
      const onWait = (pid: number): void => {
        if (!waited) noteWait(pid)
        waited = true
      }
      const giveUp = new AbortController()
      const interrupt = untilSignal()
      void interrupt.ended.then(() => giveUp.abort())
      const { signal } = giveUp

      const tell = (notLooked: readonly NotLooked[]): void => {
        progress.clear()
        if (format === 'json') ctx.printJson({ runs: seen, not_looked: notLooked })
        else {
          for (const one of notLooked) ctx.print(leftOutLine(one, ctx.paint))
          ctx.print(sumLine(seen, notLooked))
        }
        ctx.exit(signal.aborted ? EXIT.fault : exitOf(seen, notLooked, options.requireFresh === true))
      }
      let cut: string | null = null
      const lookHere = async (): Promise<void> => {
        // Whoever reads no more ends neither the look nor what lets go of the store.
        unheard(deps.io.stdout, ({ message }) => {
          cut = message
        })
        const cockpit = await deps.startCockpit(
          loaded,
          {
            onRun: (run, outcome) => onRun(toldRun(run, outcome)),
            progress: progress.report,
            onWait,
          },
          { demo: false, configFlag: ctx.configFlag, oneLook: wish },
        )
        try {
          sayBegunAnew(ctx, await cockpit.begunAnew())
          // All of it is committed: what is made of it, and letting go of the file, is nothing to wait for before it is told.
          tell(await cockpit.collect({ ...wish, signal }))
          await cockpit.judgeNow()
        } finally {
          progress.clear()
          await cockpit.stop()
        }
        if (cut !== null) {
          deps.io.stderr.write(cutAnswer(cut))
          ctx.exit(EXIT.fault)
        }
      }
      const lookBeside = async (): Promise<readonly NotLooked[] | null> => {
        if (!(await daemonAnswers(deps, loaded, onWait, signal))) return null
        return deps.lookBeside(loaded, wish, {
          onRun,
          onProgress: ({ machine, collector, done, total }) => progress.report(machine, collector, done, total),
          signal,
        })
      }

      try {
        const beside = await lookBeside()
        if (beside === null) await lookHere()
        else tell(beside)
      } finally {
        interrupt.release()
        progress.clear()
      }
    })
}
