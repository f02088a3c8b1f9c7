import * as z from 'zod'
import { isRevokedKey, REVOKED_KEY_FIX } from '../core/faults.ts'
import { nameList } from '../core/nearest.ts'
import { ageWords } from '../oracle/age-words.ts'
import { isSilent, isUnseen } from '../oracle/health.ts'
import { skewWords } from '../oracle/skew-words.ts'
import { ENDS_NOTHING } from '../oracle/status.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { identityFindings } from './doctor-identity.ts'
import { type Finding, finding } from './doctor-shapes.ts'
import { readScrapes, readSelf, readTools } from './fleet-rows.ts'
import { type FleetPicture, fleetPicture, type MachineState, unlookedWords, unseenIn } from './picture.ts'
import { isoTime } from './shapes.ts'
import { readUnread } from './unread-facts.ts'

type ScrapeRow = Awaited<ReturnType<typeof readScrapes>>[number]

const SKEW_MS = 5_000
const SLOW_LOGIN_MS = 2_000

const FAULT_FIX: Record<string, string> = {
  auth: 'vc machines probe <id> prints the ssh line that shows which keys are offered',
  host_key_unknown: 'vc machines trust <id>, after comparing the fingerprint',
  host_key_changed:
    'find out why before anything else; vc never replaces a changed key by itself. Once it is right again: vc machines trust <id>',
  unreachable: 'vc machines probe <id>',
  tool_missing: 'install it there, or put it on the PATH of a non-login shell',
  timeout: 'raise timeout_seconds of this collector, or see what is slow there',
  persist_failed: 'vc db check',
}

const reach = (m: MachineState): Finding[] => {
  const { view } = m
  if (view.status === 'online' || view.status === 'degraded' || view.hangs || isUnseen(view)) return []
  const why = view.statusReason ?? 'no answer yet'
  const known = isRevokedKey(view.statusReason) ? REVOKED_KEY_FIX : FAULT_FIX[view.transportFault ?? '']
  const fix = (known ?? 'vc machines probe <id>').replace('<id>', view.machineId)
  return [{ level: 'bad', machine: view.machineId, topic: 'reach', says: `${view.status}: ${why}`, fix }]
}

// When no script of any source ends, that is one trouble of the machine and not ten of its sources.
const nothingEnds = (m: MachineState): Finding[] => [
  {
    level: 'bad',
    machine: m.view.machineId,
    topic: 'reach',
    says: `${m.view.status}: ${ENDS_NOTHING}`,
    fix: `overloaded, or a login file that hangs; see: vc machines probe ${m.view.machineId}`,
  },
]

// A daemon that stopped makes every source of every machine late: that is one thing to say.
const nobodyLooks = (
  { machines, paused = false }: FleetPicture,
  scrapes: readonly ScrapeRow[],
  now: Date,
): Finding | null => {
  const newest = scrapes.reduce((latest, row) => Math.max(latest, Date.parse(row.collected_at)), 0)
  const ageS = (now.getTime() - newest) / 1000
  // Where nobody looks on purpose nothing is late.
  if (machines.length === 0 || newest === 0 || ageS <= Math.max(...machines.map((m) => m.view.staleAfterS))) return null
  return {
    level: 'bad',
    machine: null,
    topic: 'reach',
    says: `nothing has been collected for ${ageWords(ageS)}${unlookedWords(paused).because}; all that is shown is that old or older`,
    fix: paused ? 'mend what is said of the data of vc' : unlookedWords().fix,
  }
}

// Who asks for one machine is told that vc sees nothing of it on purpose, before what was seen of it once.
const notLookedAt = ({ plan }: QueryContext, asked: string | undefined): Finding[] => {
  if (asked === undefined) return []
  const planned = plan.machines.find(({ machineId }) => machineId === asked)
  if (planned?.enabled) return []
  return [
    {
      level: 'warn',
      machine: asked,
      topic: 'reach',
      says: `nobody looks at it: it ${planned === undefined ? 'left vc.toml' : 'is disabled in vc.toml'}`,
      fix: planned === undefined ? `vc machines add ${asked} <ssh target>` : `vc machines enable ${asked}`,
    },
  ]
}

const firstLook = (fleet: FleetPicture, asked: string | undefined): Finding[] => {
  const unseen = unseenIn(fleet)
  if (unseen.length === 0) return []
  const says = `no look has ended yet${asked === undefined ? ` at ${nameList(unseen)}` : ''}`
  return [
    {
      level: 'warn',
      machine: asked ?? null,
      topic: 'reach',
      says,
      fix: 'look again in some seconds; without a daemon: vc collect',
    },
  ]
}

const silent = (m: MachineState): Finding => ({
  level: 'bad',
  machine: m.view.machineId,
  topic: 'reach',
  says: `none of its ${m.view.redSources.length} sources that are due has answered for ${ageWords(m.view.ageS ?? 0)}`,
  fix: `vc machines probe ${m.view.machineId}`,
})

const sources = (m: MachineState, looking: boolean): Finding[] =>
  m.view.transportFailures > 0
    ? []
    : m.view.hangs
      ? [...nothingEnds(m), ...absentTools(m)]
      : [...absentTools(m), ...presentSources(m, looking)]

/** One line for all tools that nobody installed there: they are no trouble. */
const absentTools = (m: MachineState): Finding[] => {
  const names = m.view.sources.filter(({ fault }) => fault === 'tool_missing').map(({ source }) => source)
  const says = `not installed there, so not asked: ${names.join(', ')}`
  return names.length === 0 ? [] : [{ level: 'ok', machine: m.view.machineId, topic: 'source', says, fix: null }]
}

const presentSources = (m: MachineState, looking: boolean): Finding[] =>
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
    if (red?.late && (!looking || isSilent(m.view))) return []
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
    const idle = nobodyLooks(fleet, scrapes, ctx.now)
    const findings = [
      ...(idle === null ? [] : [idle]),
      ...notLookedAt(ctx, params.machine),
      ...firstLook(fleet, params.machine),
      ...fleet.machines.flatMap((m) => [
        ...reach(m),
        ...(idle === null && m.view.transportFailures === 0 && isSilent(m.view) ? [silent(m)] : []),
        ...sources(m, idle === null),
        ...clock(m),
        ...login(m),
      ]),
      ...identity,
      ...scrapes.filter((row) => planned.has(`${row.machine_id} ${row.source}`)).flatMap(told),
      ...unread.map((one): Finding => ({ ...one, level: 'warn', topic: 'source' })),
      ...toolFindings(tools),
      ...cost(newest(selves), ctx.now),
    ]
    return { data: { findings: findings.sort((a, b) => RANK[a.level] - RANK[b.level]), as_of: ctx.now.toISOString() } }
  },
})
