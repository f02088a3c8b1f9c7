import type { AskNote } from '../../core/ask.ts'
import { EXIT, usageError, VcError } from '../../core/errors.ts'
import { suggestName } from '../../core/nearest.ts'
import { redact } from '../../core/redact.ts'
import { type AppendOutcome, rowCount, type ScrapeRun } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf, waitNote } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { openProgress } from '../progress.ts'
import { untilSignal } from '../until-signal.ts'

interface CollectOptions {
  readonly machine: readonly string[]
  readonly collector: readonly string[]
  readonly explain?: boolean
}

const chosen = (wanted: readonly string[], known: readonly string[], what: string): ReadonlySet<string> | undefined => {
  for (const name of wanted)
    if (!known.includes(name))
      throw usageError(`unknown_${what}`, `there is no ${what} '${name}'`, suggestName(name, known))
  return wanted.length === 0 ? undefined : new Set(wanted)
}

const rowsOf = (run: ScrapeRun): number => run.batches.reduce((sum, batch) => sum + rowCount(batch), 0)

/** What nobody installed there is no failure. */
const isAbsent = (run: ScrapeRun, outcome: AppendOutcome): boolean => outcome.ok && run.fault === 'tool_missing'

const summary = (run: ScrapeRun, outcome: AppendOutcome, ctx: CliContext): string => {
  const ok = run.up && outcome.ok
  const state = ok
    ? ctx.paint('good', 'ok')
    : isAbsent(run, outcome)
      ? ctx.paint('dim', 'absent')
      : ctx.paint('bad', outcome.ok ? (run.fault ?? 'failed') : 'persist_failed')
  const numbers = `${run.durationMs} ms, ${run.bytes} bytes, ${rowsOf(run)} rows`
  const why = outcome.ok ? run.detail : outcome.detail
  return `${run.machineId}  ${run.collector}  ${state}  ${numbers}${why ? `  ${displayText(why, 200)}` : ''}`
}

const ASK_CHARS = 160

const argvOf = ({ name, args }: AskNote): string =>
  displayText(
    [name, ...args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : JSON.stringify(redact(arg))))].join(' '),
    ASK_CHARS,
  )

const askLine = (ask: AskNote): string => {
  const end = ask.fault ?? (ask.exitCode === null ? 'no process' : `exit ${ask.exitCode}`)
  return `    asked ${argvOf(ask)}  ${end}, ${ask.bytes} bytes, ${Math.round(ask.durationMs)} ms`
}

const details = (run: ScrapeRun, outcome: AppendOutcome): string[] => [
  ...(run.asks ?? []).map(askLine),
  ...run.batches.map((batch) => `    ${batch.table}: ${rowCount(batch)} rows`),
  ...(outcome.ok ? [`    stored: ${outcome.inserted} new, ${outcome.duplicates} known already`] : []),
  ...run.cursors.map((change) => `    cursor ${displayText(change.key, 120)}`),
  ...run.warnings.map((w) => `    warning ${w.code}: ${displayText(w.message, 300)} (${displayText(w.fix, 200)})`),
  `    version ${run.sourceVersion}, cpu ${run.cpuMs} ms${run.partial ? ', partial' : ''}`,
]

const asJson = (run: ScrapeRun, outcome: AppendOutcome) => ({
  machine: run.machineId,
  collector: run.collector,
  up: run.up && outcome.ok,
  fault: outcome.ok ? run.fault : outcome.fault,
  detail: outcome.ok ? run.detail : outcome.detail,
  duration_ms: run.durationMs,
  bytes: run.bytes,
  rows: rowsOf(run),
  warnings: run.warnings,
  asks: (run.asks ?? []).map((ask) => ({
    name: ask.name,
    argv: ask.args.map((arg) => displayText(redact(arg), 400)),
    fault: ask.fault,
    exit: ask.exitCode,
    bytes: ask.bytes,
    duration_ms: Math.round(ask.durationMs),
  })),
})

const list = (value: string, before: readonly string[]): string[] => [
  ...before,
  ...value.split(',').map((word) => word.trim()),
]

export const register: RegisterCommand = (program, deps) => {
  program
    .command('collect')
    .description('look once, now, at every machine (or those named), and store what is seen')
    .option('-m, --machine <id>', 'only this machine (repeat or comma-separate)', list, [])
    .option('--collector <name>', 'only this collector (repeat or comma-separate)', list, [])
    .option('--explain', 'every ask with argv, exit and bytes; tables, cursors, versions and warnings of each run')
    .addHelpText(
      'after',
      '\nExamples:\n  vc collect\n  vc collect --collector probe -m atlas --explain\n\nWhile a daemon runs it does the collecting: this command needs the store to itself.',
    )
    .action(async (options: CollectOptions, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const loaded = await ctx.config()
      const running = await deps.pingDaemon(loaded)
      if (running)
        throw new VcError(
          'daemon_running',
          `a daemon (pid ${running.pid}) owns the store and collects already`,
          'vc robot scrapes --json shows its runs; or vc daemon stop first',
          { exitCode: EXIT.refused },
        )
      const progress = openProgress(deps.io)
      const seen: ReturnType<typeof asJson>[] = []
      const onRun = (run: ScrapeRun, outcome: AppendOutcome): void => {
        seen.push(asJson(run, outcome))
        progress.clear()
        if (format === 'table')
          for (const line of [summary(run, outcome, ctx), ...(options.explain ? details(run, outcome) : [])])
            ctx.print(line)
      }
      const gaveUp = new AbortController()
      const signal = untilSignal()
      void signal.ended.then(() => gaveUp.abort())
      const cockpit = await deps.startCockpit(
        loaded,
        { onRun, progress: progress.report, onWait: waitNote(ctx) },
        { demo: false, configFlag: ctx.configFlag },
      )
      try {
        const machines = chosen(options.machine, cockpit.machineIds, 'machine')
        const collectors = chosen(options.collector, cockpit.collectorNames, 'collector')
        await cockpit.collect({
          ...(machines ? { machines } : {}),
          ...(collectors ? { collectors } : {}),
          signal: gaveUp.signal,
        })
      } finally {
        signal.release()
        progress.clear()
        await cockpit.stop()
      }
      const looked = seen.filter((run) => run.fault !== 'tool_missing')
      const ok = looked.filter((run) => run.up).length
      const absent = seen.length - looked.length
      if (format === 'json') ctx.printJson({ runs: seen })
      else ctx.print(`${ok} of ${looked.length} runs ok${absent > 0 ? `, ${absent} tools not installed there` : ''}`)
      if (gaveUp.signal.aborted || (seen.length > 0 && ok === 0)) ctx.exit(EXIT.fault)
    })
}
