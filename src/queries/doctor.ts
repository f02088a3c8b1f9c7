import * as z from 'zod'
import { ageWords } from '../oracle/age-words.ts'
import { isSilent } from '../oracle/health.ts'
import { skewWords } from '../oracle/skew-words.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { identityFindings } from './doctor-identity.ts'
import {
  firstLook,
  missedTurns,
  nobodyLooks,
  nothingEnds,
  notLoaded,
  notLookedAt,
  reach,
  silence,
} from './doctor-reach.ts'
import { FAULT_FIX, type Finding, finding } from './doctor-shapes.ts'
import { readScrapes, readSelf, readTools } from './fleet-rows.ts'
import { fleetPicture, type MachineState } from './picture.ts'
import { isoTime } from './shapes.ts'
import { readUnread } from './unread-facts.ts'

type ScrapeRow = Awaited<ReturnType<typeof readScrapes>>[number]

const SKEW_MS = 5_000
const SLOW_LOGIN_MS = 2_000

const sources = (m: MachineState, looking: boolean, ctx: QueryContext): Finding[] =>
  m.view.transportFailures > 0
    ? []
    : m.view.hangs
      ? [...nothingEnds(m), ...absentTools(m)]
      : [...absentTools(m), ...presentSources(m, looking, ctx)]

/** One line for all tools that nobody installed there: they are no trouble. */
const absentTools = (m: MachineState): Finding[] => {
  const names = m.view.sources.filter(({ fault }) => fault === 'tool_missing').map(({ source }) => source)
  const says = `not installed there, so not asked: ${names.join(', ')}`
  return names.length === 0 ? [] : [{ level: 'ok', machine: m.view.machineId, topic: 'source', says, fix: null }]
}

const presentSources = (m: MachineState, looking: boolean, ctx: QueryContext): Finding[] =>
  m.view.sources.flatMap((source): Finding[] => {
    if (source.fault === 'tool_missing') return []
    if (source.fault === 'not_configured')
      return [
        {
          level: 'ok',
          machine: m.view.machineId,
          topic: 'source',
          says: `${source.source}: nothing to look at (${source.detail ?? source.fault})`,
          fix: null,
        },
      ]
    const red = m.view.redSources.find((candidate) => candidate.source === source.source)
    if (red?.late && (!looking || isSilent(m.view) || !missedTurns(ctx, source))) return []
    const fix =
      FAULT_FIX[source.fault ?? ''] ?? `vc collect --collector ${source.source} -m ${m.view.machineId} --explain`
    return red
      ? [{ level: 'bad', machine: m.view.machineId, topic: 'source', says: `${source.source}: ${red.why}`, fix }]
      : []
  })

const clock = (m: MachineState): Finding[] => {
  const skew = m.machine.clock_skew_ms
  if (skew === null || Math.abs(skew) < SKEW_MS) return []
  return [
    {
      level: 'warn',
      machine: m.view.machineId,
      topic: 'clock',
      says: `its clock is ${skewWords(skew)} this one; vc stores its own time and corrects nothing`,
      fix: 'set up time synchronisation there',
    },
  ]
}

const login = (m: MachineState): Finding[] => {
  const ms = m.machine.login_ms
  return ms === null || ms < SLOW_LOGIN_MS
    ? []
    : [
        {
          level: 'warn',
          machine: m.view.machineId,
          topic: 'login',
          says: `connecting and logging in takes ${(ms / 1000).toFixed(1)} s`,
          fix: 'see which step waits with ssh -v (often DNS or PAM on its side, or the network)',
        },
      ]
}

interface StoredWarning {
  readonly code: string
  readonly message: string
  readonly fix: string
}

// Some begin with the name of their source: then it is not said twice.
const saidOf = ({ source }: ScrapeRow, { code, message }: StoredWarning): string =>
  code === 'retention' || message.startsWith(`${source}: `) ? message : `${source}: ${message}`

const told = (row: ScrapeRow): Finding[] =>
  (JSON.parse(row.warnings_json ?? '[]') as StoredWarning[]).map((w) => ({
    level: 'warn',
    machine: row.machine_id,
    topic: w.code === 'retention' ? 'history' : 'source',
    says: saidOf(row, w),
    fix: w.fix,
  }))

const AGENT_TOOLS = new Set(['claude', 'codex', 'gemini', 'opencode'])

const toolFindings = (rows: Awaited<ReturnType<typeof readTools>>): Finding[] =>
  rows
    .filter((row) => AGENT_TOOLS.has(row.tool_name) && row.version_error !== null)
    .map((row) => ({
      level: 'warn',
      machine: row.machine_id,
      topic: 'path',
      says: `${row.tool_name} is at ${row.path} but did not say its version: ${row.version_error}`,
      fix: 'run it there by hand once',
    }))

type Self = Awaited<ReturnType<typeof readSelf>>[number]

/** A machine that got another name has a row under each. */
const newest = (rows: readonly Self[]): Self | undefined =>
  rows.toSorted((a, b) => Date.parse(b.collected_at) - Date.parse(a.collected_at))[0]

const cost = (row: Self | undefined, now: Date): Finding[] => {
  if (!row)
    return [
      {
        level: 'ok',
        machine: null,
        topic: 'cost',
        says: "vc's own cost is measured once a minute while a daemon runs; nothing measured yet",
        fix: null,
      },
    ]
  const ageS = Math.max(0, Math.round((now.getTime() - Date.parse(row.collected_at)) / 1000))
  const when = ageS < 150 ? 'in the last minute' : `in its last measured minute, ${ageWords(ageS)} ago`
  const cpu = row.cpu_ms + (row.children_cpu_ms ?? 0)
  const says = `vc itself: ${(cpu / 600).toFixed(2)} % of a core ${when} (children included), ${Math.round(row.rss_bytes / 1_048_576)} MB, ${row.processes_started} processes, ${Math.round(row.bytes_received / 1024)} kB read, ${row.ticks_missed} ticks missed, store ${Math.round((row.store_bytes ?? 0) / 1_048_576)} MB`
  return [
    {
      level: row.ticks_missed > 0 ? 'warn' : 'ok',
      machine: null,
      topic: 'cost',
      says,
      fix: row.ticks_missed > 0 ? 'see vc robot scrapes --down' : null,
    },
  ]
}

const RANK = { bad: 0, warn: 1, ok: 2 } as const

/** What vc cannot see and why, what will be deleted, what is wrong with clocks and logins, and what vc itself costs. */
export const doctor = defineQuery({
  name: 'doctor',
  version: 1,
  summary: 'What vc cannot see and why, and how to mend it',
  params: z.strictObject({ machine: z.string().optional() }),
  data: z.object({ findings: z.array(finding), as_of: isoTime }),
  example: {},
  async load(params, ctx) {
    const fleet = await fleetPicture(ctx, null, params.machine)
    const [scrapes, selves] = await Promise.all([readScrapes(ctx, null, params.machine), readSelf(ctx)])
    const tools = (await Promise.all(fleet.machines.map((m) => readTools(ctx, null, m.view.machineId)))).flat()
    const planned = new Set(ctx.plan.machines.flatMap((m) => m.sources.map((s) => `${m.machineId} ${s.source}`)))
    const isRead = (machineId: string, cli: string): boolean => planned.has(`${machineId} ${cli}`)
    const identity = await identityFindings(ctx, fleet, params.machine)
    const unread = await readUnread(ctx, fleet.rows.agents, isRead)
    const idle = nobodyLooks(fleet, scrapes, ctx)
    const findings = [
      ...(idle === null ? [] : [idle]),
      ...notLookedAt(ctx, params.machine),
      ...firstLook(fleet, params.machine),
      ...(await notLoaded(ctx)),
      ...(idle === null ? silence(fleet, ctx) : []),
      ...fleet.machines.flatMap((m) => [...reach(m), ...sources(m, idle === null, ctx), ...clock(m), ...login(m)]),
      ...identity,
      ...scrapes.filter((row) => planned.has(`${row.machine_id} ${row.source}`)).flatMap(told),
      ...unread.map((one): Finding => ({ ...one, level: 'warn', topic: 'source' })),
      ...toolFindings(tools),
      ...cost(newest(selves), ctx.now),
    ]
    return { data: { findings: findings.sort((a, b) => RANK[a.level] - RANK[b.level]), as_of: ctx.now.toISOString() } }
  },
})
