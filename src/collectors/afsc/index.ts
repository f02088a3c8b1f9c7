import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import {
  parseSections,
  type ToolText,
  toolScript,
  toolVersion,
  troubleOf,
  warnUnknown,
  warnUntested,
} from '../tool-sections.ts'
import { parseRun, type RunText } from './parse.ts'
import { AFSC_BODY } from './script.ts'

const TOOL = 'automated_flywheel_setup_checker'
const TESTED = '0.1.0'
const FILE = /^results_\d[\w.-]*\.jsonl$/

/** Finished runs of the setup checker, from its results files; nothing is ever checked because vc looks. */
export const afsc = defineCollector({
  name: 'afsc',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['afsc_run_facts', 'afsc_event_logs'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 30_000,
  needs: [[TOOL]],
  tested: { [TOOL]: TESTED },
  reads: { files: ['results_*.jsonl of each finished run'] },
  about:
    'Checks of installers: each finished run of automated_flywheel_setup_checker and what failed in it, from its files',
  async collect(ctx) {
    const before = ctx.cursors.get('file')
    const answer = await ctx.run({
      script: toolScript('afsc.results', AFSC_BODY),
      args: [typeof before === 'string' ? before : ''],
      timeoutMs: 20_000,
      maxBytes: 8 * 1024 * 1024,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, TOOL)
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [] }
    if (parsed.sections.get('folder')?.out === 'denied')
      return { batches: [], fault: 'exit_code', detail: 'the results folder of afsc may not be read' }
    const version = await toolVersion(ctx, TOOL)
    warnUntested(ctx, TOOL, version, TESTED)
    const result = resultOf(ctx, parsed)
    const cut =
      answer.fault === null ? result : { ...result, fault: answer.fault, detail: answer.detail, partial: true }
    return version === null ? cut : { ...cut, sourceVersion: version }
  },
})

const resultOf = (ctx: CollectContext, { sections }: ToolText): CollectResult => {
  const read: RunText[] = []
  let last: string | null = null
  for (const [file, { out, code }] of sections) {
    if (!FILE.test(file)) continue
    // a file that was cut off is read again from its beginning next time, and so is what comes after it
    if (code === null) break
    last = file
    if (code === 0) read.push(parseRun(file, out))
  }
  warnUnknown(ctx, 'afsc', Math.max(0, ...read.map(({ unknown }) => unknown)))
  const unreadable = read.reduce((sum, run) => sum + run.unreadable, 0)
  if (unreadable > 0)
    ctx.warn('afsc_lines', `${unreadable} lines of results cannot be read`, 'look at ~/.local/share/afsc/results there')
  return {
    batches: [
      { table: 'afsc_run_facts', rows: read.flatMap(({ run }) => (run === null ? [] : [run])) },
      { table: 'afsc_event_logs', rows: read.flatMap(({ events }) => events) },
    ],
    cursors: last === null ? [] : [{ key: 'file', value: last }],
  }
}
