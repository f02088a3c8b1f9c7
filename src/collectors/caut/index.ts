import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { afterRefusal, backOffOf, isThrottled } from '../accounts/back-off.ts'
import { identityBatches } from '../accounts/index.ts'
import {
  parseSections,
  type Section,
  toolPath,
  toolVersion,
  troubleOf,
  warnUnknown,
  warnUntested,
} from '../tool-sections.ts'
import { saidOf, statusEvents } from './events.ts'
import { CAUT_SCHEMA, type CautUsage, parseCautUsage } from './parse.ts'
import { cautScript } from './script.ts'

const TESTED = '0.1.0'
const BACK_OFF = 'back_off'
const SAID = 'said'

/** Claude's rate-limit windows as caut reads them, seldom, and not at all while the provider refuses. */
export const caut = defineCollector({
  name: 'caut',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['account_usage_snapshots', 'account_status_events', 'accounts', 'account_aliases'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 70_000,
  needs: [['caut']],
  tested: { caut: TESTED },
  reads: { commands: ['caut query usage', 'caut usage --json --timeout 20 --provider claude --source oauth --status'] },
  about:
    "Claude's rate-limit windows and outages: caut's daemon where one runs, else `caut usage --provider claude --source oauth`; waits 10 min to 4 h after HTTP 429",
  async collect(ctx) {
    const backOff = backOffOf(ctx.cursors.get(BACK_OFF))
    if (ctx.startedAt.getTime() < backOff.notBeforeMs)
      return {
        batches: [],
        detail: `the provider refused; asked again after ${new Date(backOff.notBeforeMs).toISOString()}`,
      }
    const ask = { script: cautScript(), args: [toolPath(ctx, 'caut')], timeoutMs: 60_000, maxBytes: 512 * 1024 }
    const answer = await ctx.run({ ...ask, slow: true })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'caut')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    if (!parsed.complete)
      return {
        batches: [],
        fault: answer.fault ?? 'truncated',
        detail: answer.detail ?? 'the answer of caut was cut off',
      }
    const query = parsed.sections.get('query')
    return resultOf(ctx, query?.code === 0 ? query : parsed.sections.get('usage'))
  },
})

const ENDINGS: Readonly<Record<number, string>> = {
  2: 'caut does not know these options, or the CLI is missing',
  3: 'caut is not configured for this provider',
  4: 'the provider did not answer in time',
}

const silent = ({ code, err }: Section): CollectResult => {
  const words = displayText(err.trim().split('\n').at(-1) ?? '', 160)
  if (code === 4 || code === 124 || code === 137) return { batches: [], fault: 'timeout', detail: 'caut took too long' }
  if (code === 0) return { batches: [], fault: 'bad_output', detail: 'caut printed something else than its envelope' }
  return {
    batches: [],
    fault: 'exit_code',
    detail: `caut ended with ${code}: ${ENDINGS[code ?? -1] ?? (words || 'no words')}`,
  }
}

// A failed provider ends with 1 and still leaves a whole envelope: stdout first, then the code.
const resultOf = async (ctx: CollectContext, section: Section | undefined): Promise<CollectResult> => {
  if (section === undefined) return { batches: [], fault: 'bad_output', detail: 'caut left no answer' }
  const usage = parseCautUsage(section.out, ctx.machine.id)
  if (usage === null) {
    if (!isThrottled(section.err)) return silent(section)
    return { ...silent(section), cursors: [refusedAt(ctx)] }
  }
  const version = await toolVersion(ctx, 'caut')
  warnUntested(ctx, 'caut', version, TESTED)
  warnUnknown(ctx, 'caut', usage.unknown)
  if (usage.schema !== CAUT_SCHEMA)
    ctx.warn('untested_version', `caut speaks ${usage.schema}; tested up to ${CAUT_SCHEMA}`, 'update vc')
  return { ...rowsOf(ctx, usage), ...(version === null ? {} : { sourceVersion: version }) }
}

const refusedAt = (ctx: CollectContext): CursorChange => ({
  key: BACK_OFF,
  value: afterRefusal(backOffOf(ctx.cursors.get(BACK_OFF)), ctx.startedAt.getTime()),
})

const rowsOf = (ctx: CollectContext, usage: CautUsage): CollectResult => {
  const { rows, said } = statusEvents(saidOf(ctx.cursors.get(SAID)), usage.standings, ctx.startedAt)
  const errors = usage.standings.flatMap((one) => (one.error === null ? [] : [`${one.provider}: ${one.error}`]))
  const throttled = errors.some(isThrottled)
  const batches = [
    { table: 'account_usage_snapshots', rows: usage.observations.map((seen) => ({ ...seen })) },
    { table: 'account_status_events', rows },
    ...identityBatches(usage.identities, { by: 'caut', machineId: ctx.machine.id, at: ctx.startedAt }),
  ].filter((batch) => batch.rows.length > 0)
  const failed = usage.observations.length === 0 && errors.length > 0
  return {
    batches,
    cursors: [{ key: SAID, value: said }, throttled ? refusedAt(ctx) : { key: BACK_OFF, value: null }],
    ...(failed ? { fault: 'exit_code' as const, detail: errors.join('; ') } : {}),
    partial: errors.length > 0 && !failed,
  }
}
