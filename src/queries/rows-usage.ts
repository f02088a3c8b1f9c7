import type { MachinePlan } from '../core/plan.ts'
import * as read from '../store/index.ts'
import { type QueryContext, warning } from './define.ts'
import type { NothingThere } from './nothing-there.ts'
import { TRANSCRIPT_SOURCES } from './params.ts'

export interface UsageTotals {
  readonly key: string | null
  readonly messages: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly total_tokens: number
  readonly cost_microusd: number
  readonly unpriced_tokens: number
}

export const readUsage = async (
  ctx: QueryContext,
  question: {
    readonly since: Date
    readonly until: Date
    readonly groupBy: read.UsageGroup
    readonly provider?: string | undefined
    readonly machineId?: string | undefined
    readonly model?: string | undefined
  },
): Promise<UsageTotals[]> => {
  const rows = await read.usageTotals(ctx.db, question)
  return rows.map(({ group, ...row }) => ({ key: group, ...row }))
}

export interface Coverage {
  readonly machines: number
  readonly machinesReporting: number
  readonly lastWeekSharePct: number | null
}

const LEDGER_SOURCES = new Set(['claude', 'codex', 'gemini', 'opencode'])

/** How much of what was asked for a sum stands for: machines whose transcripts were read in time, and their share of last week. */
export const readUsageCoverage = async (ctx: QueryContext, at: Date | null, only?: string): Promise<Coverage> => {
  const until = at ?? ctx.now
  const [shares, scrapes] = await Promise.all([
    read.usageCoverage(ctx.db, { since: new Date(until.getTime() - 7 * 86_400_000), until }),
    read.latestScrapes(ctx.db, at === null ? {} : { at }),
  ])
  const looks = Map.groupBy(
    scrapes.filter((row) => LEDGER_SOURCES.has(row.source)),
    (row) => row.machine_id,
  )
  const isRead = (machine: MachinePlan): boolean =>
    (looks.get(machine.machineId) ?? []).some((row) => {
      const planned = machine.sources.find((source) => source.source === row.source)
      if (!planned || row.last_ok_at === null) return false
      return until.getTime() - Date.parse(row.last_ok_at) <= (planned.intervalS * 3 + 60) * 1000
    })
  const isAsked = (machineId: string): boolean => only === undefined || machineId === only
  const enabled = ctx.plan.machines.filter((machine) => machine.enabled && isAsked(machine.machineId))
  const reporting = new Set(enabled.filter(isRead).map((machine) => machine.machineId))
  const asked = shares.filter((row) => isAsked(row.machine_id))
  const sumOf = (rows: typeof shares): number => rows.reduce((sum, row) => sum + row.last_week_tokens, 0)
  const volume = sumOf(asked)
  const covered = sumOf(asked.filter((row) => reporting.has(row.machine_id)))
  return {
    machines: enabled.length,
    machinesReporting: reporting.size,
    lastWeekSharePct: volume > 0 ? Math.round((1000 * covered) / volume) / 10 : null,
  }
}

/** Said wherever a sum leaves machines out. */
export const partialWarnings = ({ machines, machinesReporting }: Coverage): string[] =>
  machinesReporting >= machines
    ? []
    : [
        warning(
          'partial',
          `the sum covers ${machinesReporting} of ${machines} machines`,
          'vc robot machines --json names the others',
        ),
      ]

// A time beyond it is none that a transcript may tell.
const FAR = new Date(Date.UTC(2100, 0, 1))
/** Clocks differ by moments everywhere. */
const SLACK_MS = 60_000

/** Said of a sum that ends now: what a clock that was ahead dates later is in it only when that time has come. */
export const aheadWarnings = async (ctx: QueryContext, machineId?: string): Promise<string[]> => {
  const since = new Date(ctx.now.getTime() + SLACK_MS)
  const rows = await readUsage(ctx, { since, until: FAR, groupBy: 'machine', machineId })
  if (rows.length === 0) return []
  const sum = (name: 'messages' | 'total_tokens'): number => rows.reduce((all, row) => all + row[name], 0)
  return [
    warning(
      'dated_ahead',
      `${sum('messages')} messages (${sum('total_tokens')} tokens) of ${rows.map((row) => row.key).join(', ')} are dated after now and not in the sum: the clock was ahead when they were written`,
      `vc robot usage --since 1d --until ${FAR.toISOString().slice(0, 10)} counts them too`,
    ),
  ]
}

/** Why a sum of tokens is zero. */
export const noUsage = (since: Date, until: Date): NothingThere => ({
  what: 'tokens',
  sources: TRANSCRIPT_SOURCES,
  none: [
    'no_usage',
    `no transcript tells of a token used between ${since.toISOString()} and ${until.toISOString()}`,
    'a longer period: --since 7d',
  ],
})
