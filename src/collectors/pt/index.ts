import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { toolVersion } from '../tool-version.ts'
import { type PtLook, parsePt, snapshotRow } from './parse.ts'
import { PT_WATCH } from './script.ts'

const TESTED_PT = '2.1.0'
const THRESHOLD = 'medium'
/** Somebody else runs it now: what was found before still stands. */
const LOCK_HELD = 14
const NOT_FOUND = new Set([126, 127])

/** Why these lines are no picture of the machine; null when they are one. */
const trouble = ({ exitCode, lines, unreadable, foreign }: PtLook, said: string): CollectResult | null => {
  const failed = (fault: NonNullable<CollectResult['fault']>, detail: string): CollectResult => ({
    batches: [],
    fault,
    detail,
  })
  if (exitCode === null) return failed('truncated', 'the answer of pt was cut')
  if (exitCode === LOCK_HELD)
    return { batches: [], detail: 'pt is held by somebody else; the findings before still stand' }
  if (NOT_FOUND.has(exitCode)) return failed('tool_missing', said || 'pt is not on the PATH there')
  // 1 is also how the wrapper says that its program is missing: then nothing is on stdout.
  if (exitCode > 1 || (exitCode === 1 && lines === 0))
    return failed('exit_code', `pt ended with ${exitCode}${said ? `: ${said}` : ''}`)
  if (foreign || (lines > 0 && unreadable === lines))
    return failed('bad_output', 'no line of pt is an event of process triage: another program of that name?')
  return null
}

const collect = async (ctx: CollectContext): Promise<CollectResult> => {
  const tool = ctx.machine.tools?.get('pt') ?? ctx.machine.tools?.get('pt-core') ?? 'pt'
  const answer = await ctx.run({ script: PT_WATCH, args: [tool], timeoutMs: 30_000, maxBytes: 524_288, slow: true })
  if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
  const look = parsePt(decodeUtf8(answer.stdout))
  const version = await toolVersion(ctx, 'pt', TESTED_PT)
  const about = { cursors: version.cursors, ...(version.version === null ? {} : { sourceVersion: version.version }) }
  const bad = trouble(look, displayText(decodeUtf8(answer.stderr), 300).trim())
  if (bad !== null) return { ...about, ...bad }
  if (look.unknownEvents.length > 0)
    ctx.warn(
      'unknown_events',
      `pt on ${ctx.machine.id} speaks of ${displayText(look.unknownEvents.join(', '), 100)}: not read`,
      'a newer vc may know it',
    )
  return {
    ...about,
    batches: [
      { table: 'process_triage_snapshots', rows: [snapshotRow(look.findings, THRESHOLD)] },
      { table: 'process_triage_findings', rows: look.findings },
    ],
    // A finding on a line that cannot be read is not gone.
    ...(look.unreadable > 0
      ? {
          fault: 'bad_output' as const,
          detail: `${look.unreadable} of ${look.lines} lines could not be read`,
          partial: true,
        }
      : {}),
  }
}

export const pt = defineCollector({
  name: 'pt',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['process_triage_snapshots', 'process_triage_findings'],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 40_000,
  needs: [['pt', 'pt-core']],
  tested: { pt: TESTED_PT },
  reads: { commands: ['pt agent watch --once --format jsonl --threshold medium'] },
  about:
    'Processes that process triage thinks abandoned or stuck, from one look of `pt agent watch --once`, which takes no lock and writes no session',
  collect,
})
