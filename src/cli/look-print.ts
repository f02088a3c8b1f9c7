import type { NotLooked, ToldAsk, ToldRun } from '../core/looked.ts'
import { displayText } from '../core/text.ts'
import type { Paint } from './io.ts'

/** What nobody installed there is no failure. */
export const isAbsent = (run: ToldRun): boolean => run.fault === 'tool_missing'

/** One run as a line: where, what, how it ended, how much it was. */
export const runLine = (run: ToldRun, paint: Paint): string => {
  const state = run.up
    ? paint('good', 'ok')
    : isAbsent(run)
      ? paint('dim', 'absent')
      : paint('bad', run.fault ?? 'failed')
  const numbers = `${run.duration_ms} ms, ${run.bytes} bytes, ${run.rows} rows`
  const agoS = Math.round((Date.now() - Date.parse(run.started_at)) / 1000)
  const before = run.was_running ? `  (began ${agoS} s ago)` : ''
  return `${run.machine}  ${run.collector}  ${state}  ${numbers}${before}${run.detail ? `  ${displayText(run.detail, 200)}` : ''}`
}

/** What was not looked at, why, and what to do about it. */
export const leftOutLine = ({ machine, collector, detail, fix }: NotLooked, paint: Paint): string => {
  const what = [machine, collector].filter((name) => name !== null).join('  ')
  return `${what}  ${paint('warn', 'not looked at')}  ${displayText(detail, 200)} (${displayText(fix, 200)})`
}

const ASK_CHARS = 160

const argvOf = ({ name, argv }: ToldAsk): string =>
  displayText(
    [name, ...argv.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(' '),
    ASK_CHARS,
  )

const askLine = (ask: ToldAsk): string => {
  const end = ask.fault ?? (ask.exit === null ? 'no process' : `exit ${ask.exit}`)
  return `    asked ${argvOf(ask)}  ${end}, ${ask.bytes} bytes, ${ask.duration_ms} ms`
}

/** Every ask, table, cursor and warning of one run. */
export const runDetails = (run: ToldRun): string[] => [
  ...run.asks.map(askLine),
  ...run.tables.map(({ table, rows }) => `    ${table}: ${rows} rows`),
  ...(run.stored ? [`    stored: ${run.stored.new} new, ${run.stored.known} known already`] : []),
  ...run.cursors.map((key) => `    cursor ${key}`),
  ...run.warnings.map((w) => `    warning ${w.code}: ${displayText(w.message, 300)} (${displayText(w.fix, 200)})`),
  `    version ${run.version}, cpu ${run.cpu_ms} ms${run.partial ? ', partial' : ''}`,
]

/** `4 of 5 runs ok, 2 tools not installed there, 1 not looked at` */
export const sumLine = (runs: readonly ToldRun[], notLooked: readonly NotLooked[]): string => {
  const absent = runs.filter(isAbsent).length
  const ok = runs.filter((run) => run.up).length
  return [
    `${ok} of ${runs.length - absent} runs ok`,
    ...(absent > 0 ? [`${absent} tools not installed there`] : []),
    ...(notLooked.length > 0 ? [`${notLooked.length} not looked at`] : []),
  ].join(', ')
}
