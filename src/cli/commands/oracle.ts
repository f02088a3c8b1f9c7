import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { BacktestForecast, BacktestReport } from '../../commands/backtest-limits.ts'
import { EXIT, VcError } from '../../core/errors.ts'
import { jsonText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

interface BacktestOptions {
  readonly observations: string
  readonly at?: string
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new VcError(
      'no_file',
      `${file} cannot be read (${error.code})`,
      'name a file of observations, one JSON object a line',
      { exitCode: EXIT.usage },
    )
  })

const minutes = (value: number | null): string =>
  value === null ? '-' : value >= 600 ? '> 10 h' : `${value.toFixed(1)} min`

const cellsOf = (line: BacktestForecast): readonly string[] => [
  line.at.slice(0, 16).replace('T', ' '),
  line.account_key,
  line.limit_id === '' ? line.window : `${line.limit_id} ${line.window}`,
  line.used_pct === null ? '-' : `${line.used_pct} %`,
  line.outlook === 'forecast' ? minutes(line.minutes_to_limit) : line.outlook,
  line.interval_minutes === null
    ? '-'
    : `${line.interval_minutes.low.toFixed(0)}-${line.interval_minutes.high.toFixed(0)}`,
  line.probability_before_reset === null ? '-' : `${Math.round(line.probability_before_reset * 100)} %`,
  line.action,
  line.actual.hit_before_reset === false ? 'reset first' : minutes(line.actual.minutes_to_limit),
]

async function printReport(ctx: CliContext, { forecasts, accuracy }: BacktestReport): Promise<void> {
  const { tableText } = await import('../table.ts')
  if (forecasts.length === 0) return ctx.print('no instant to forecast at: the observations hold no window twice')
  const head = ['at', 'account', 'window', 'used', 'to limit', '80 %', 'before reset', 'advice', 'actual']
  ctx.print(tableText(head, forecasts.map(cellsOf), ctx.paint))
  const pct = (value: number | null): string => (value === null ? 'not known' : `${(value * 100).toFixed(1)} %`)
  ctx.print(
    `\n${accuracy.outcomes} outcomes known: median error ${pct(accuracy.median_relative_error)}, p90 ${pct(accuracy.p90_relative_error)}, ` +
      `Brier ${accuracy.brier?.toFixed(3) ?? 'not known'}, 80 % intervals held ${pct(accuracy.coverage_80)}`,
  )
}

async function backtest(ctx: CliContext, options: BacktestOptions): Promise<void> {
  const format = ctx.format(['table', 'json', 'jsonl'])
  const [{ readInstants, readObservations }, { backtestLimits }] = await Promise.all([
    import('../../commands/backtest-lines.ts'),
    import('../../commands/backtest-limits.ts'),
  ])
  const observations = readObservations(await textOf(options.observations), options.observations)
  const instants = options.at === undefined ? null : readInstants(await textOf(options.at), options.at)
  const report = backtestLimits(observations, instants)
  if (format === 'json') return ctx.printJson(report)
  if (format === 'jsonl') for (const line of report.forecasts) ctx.print(jsonText(line))
  else await printReport(ctx, report)
}

interface AccuracyOptions {
  readonly since?: string
  readonly at?: string
}

async function accuracy(ctx: CliContext, deps: CliDeps, options: AccuracyOptions): Promise<void> {
  const format = ctx.format(['table', 'json'])
  const say = await import('../../commands/oracle-accuracy.ts')
  const { reader } = await readerDespite(ctx, deps)
  try {
    const { answer, warnings } = await say.readAccuracy(reader, options)
    if (format === 'json') return ctx.printJson({ ...answer, warnings })
    sayWarnings(ctx, warnings, ['not_scored'])
    if (answer.kinds.length === 0) {
      ctx.print('no forecast has reached its horizon yet: nothing to compare with what came')
    } else {
      const { tableText } = await import('../table.ts')
      ctx.print(tableText(say.ACCURACY_HEAD, answer.kinds.map(say.accuracyCells), ctx.paint))
      const lines = answer.kinds.flatMap(say.calibrationLines)
      if (lines.length > 0) ctx.print(`\nof what was said with a probability:\n${lines.join('\n')}`)
    }
    for (const line of say.backtestLines(answer)) ctx.print(`\n${line}`)
  } finally {
    await reader.close()
  }
}

const EXAMPLES = `
Examples:
  vc oracle backtest --observations seen.jsonl --format json
  vc oracle backtest --observations seen.jsonl --at instants.jsonl

An observation is a line like
  {"account_key":"a","window":"5h","used_pct":42,"resets_at":"2026-11-20T15:00:00Z","observed_at":"2026-11-20T12:00:00Z"}
and an instant like
  {"account_key":"a","window":"5h","at":"2026-11-20T12:30:00Z"}`

export const register: RegisterCommand = (program, deps: CliDeps) => {
  const oracle = program
    .command('oracle')
    .description('forecasts, and how right they were')
    .addHelpText('after', '\nExamples:\n  vc oracle accuracy\n  vc oracle backtest --observations seen.jsonl')
  oracle
    .command('backtest')
    .description('run the forecaster over recorded observations')
    .requiredOption('--observations <file>', 'observations of rate-limit windows, one JSON object a line')
    .option('--at <file>', 'instants to forecast at; without it every five minutes')
    .addHelpText('after', EXAMPLES)
    .action((options: BacktestOptions, command: Command) => backtest(contextOf(command, deps), options))
  oracle
    .command('accuracy')
    .description('how right forecasts were, by kind: error, Brier score, calibration, intervals')
    .option('--since <when>', 'forecasts made since then: an age such as 7d, or ISO time (default: 30d)')
    .option('--at <when>', 'as it was known then', readPast)
    .addHelpText('after', '\nExamples:\n  vc oracle accuracy\n  vc oracle accuracy --since 7d')
    .action((options: AccuracyOptions, command: Command) => accuracy(contextOf(command, deps), deps, options))
}
