import * as z from 'zod'
import { defineQuery, warning } from './define.ts'
import { batchesParam, convoyOfMissions } from './missions.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { readMissionConvoys } from './rows-missions.ts'
import { readOrchestrators } from './rows-orchestrators.ts'
import { count, isoTime } from './shapes.ts'

const place = { machine: z.string(), town: z.string().describe('path of the town') }

const townLine = z.object({
  ...place,
  name: z.string().nullable(),
  daemon_running: z.boolean().nullable(),
  dolt_running: z.boolean().nullable(),
  rigs: count.nullable(),
  polecats: count.nullable(),
  crew: count.nullable(),
  active_hooks: count.nullable(),
  collected_at: isoTime,
})

const convoyLine = z.object({
  ...place,
  convoy: z.string(),
  title: z.string().nullable(),
  status: z.string().nullable(),
  completed: count.nullable(),
  total: count.nullable(),
  tracked: z.array(z.looseObject({ id: z.string().nullable() })).describe('work items of the convoy'),
  created_at: isoTime.nullable(),
  collected_at: isoTime,
})

const roleLine = z.object({
  ...place,
  address: z.string(),
  role: z.string(),
  rig: z.string().nullable(),
  session: z.string().nullable(),
  agent: z.string().nullable().describe('agent id, where its pane is known'),
  running: z.boolean().nullable().describe('gt sees its program run; null: only its session is known'),
  says: z.string().nullable().describe('what it wrote of itself; vc’s own verdict stands in agents'),
  hook: z.string().nullable().describe('bead on its hook'),
  work: z.string().nullable(),
})

const hookLine = z.object({
  ...place,
  address: z.string(),
  has_work: z.boolean().nullable(),
  molecule: z.string().nullable(),
  title: z.string().nullable(),
})

const requestLine = z.object({
  request: z.string(),
  title: z.string().nullable(),
  status: z.string().nullable(),
  branch: z.string().nullable(),
  target: z.string().nullable(),
  worker: z.string().nullable(),
  convoy: z.string().nullable(),
  blocked_by: count.nullable(),
  retries: count.nullable(),
  created_at: isoTime.nullable(),
  collected_at: isoTime,
})

const queueLine = z.object({
  ...place,
  rig: z.string(),
  pending: count.nullable(),
  in_flight: count.nullable(),
  blocked: count.nullable(),
  state: z.string().nullable(),
  health: z.string().nullable(),
  requests: z.array(requestLine).describe('asked in turn: may be older than the counts'),
})

const mailLine = z.object({
  ...place,
  ts: isoTime,
  from: z.string().nullable(),
  to: z.string().nullable(),
  subject: z.string().nullable(),
})

const eventLine = z.object({
  ts: isoTime,
  machine: z.string(),
  by: z.enum(['gastown', 'ntm']),
  type: z.string(),
  actor: z.string().nullable().describe('gastown address or ntm session'),
  subject: z.string().nullable(),
  severity: z.string().nullable(),
})

const sessionLine = z.object({
  machine: z.string(),
  session: z.string(),
  label: z.string().nullable(),
  work_dir: z.string().nullable(),
  attached: z.boolean().nullable(),
  windows: count.nullable(),
  panes: count.nullable(),
  agents: z.record(z.string(), count).nullable().describe('agents by type, as ntm names types'),
  health: z.string().nullable(),
  health_reason: z.string().nullable(),
  collected_at: isoTime,
})

type Read = Awaited<ReturnType<typeof readOrchestrators>>

const jsonOf = <Value>(text: string | null, otherwise: Value): Value =>
  text === null ? otherwise : (JSON.parse(text) as Value)
const placeOf = (row: { readonly machine_id: string; readonly town: string }) => ({
  machine: row.machine_id,
  town: row.town,
})

const queuesOf = ({ queues, requests }: Read) =>
  queues.map((row) => ({
    ...placeOf(row),
    rig: row.rig,
    pending: row.pending,
    in_flight: row.in_flight,
    blocked: row.blocked,
    state: row.state,
    health: row.health,
    requests: requests
      .filter((one) => one.machine_id === row.machine_id && one.town === row.town && one.rig === row.rig)
      .map((one) => ({
        request: one.request_id,
        title: one.title,
        status: one.status,
        branch: one.branch,
        target: one.target,
        worker: one.worker,
        convoy: one.convoy_id,
        blocked_by: one.blocked_by,
        retries: one.retries,
        created_at: one.created_at,
        collected_at: one.collected_at,
      })),
  }))

const eventsOf = ({ events, ntm }: Read, limit: number) =>
  [
    ...events.map((row) => ({
      ...{ ts: row.ts, machine: row.machine_id, by: 'gastown' as const, type: row.event_type },
      ...{ actor: row.actor, subject: row.subject, severity: null },
    })),
    ...ntm.events.map((row) => ({
      ...{ ts: row.ts, machine: row.machine_id, by: 'ntm' as const, type: row.event_type },
      ...{ actor: row.session_name, subject: row.summary, severity: row.severity },
    })),
  ]
    .sort((a, b) => b.ts.localeCompare(a.ts))
    .slice(0, limit)

const townsOf = ({ towns, convoys, agents, hooks }: Read) => ({
  towns: towns.map((row) => ({
    ...placeOf(row),
    ...{ name: row.name, daemon_running: row.daemon_running, dolt_running: row.dolt_running, rigs: row.rigs },
    ...{ polecats: row.polecats, crew: row.crew, active_hooks: row.active_hooks, collected_at: row.collected_at },
  })),
  convoys: convoys.map((row) => ({
    ...placeOf(row),
    ...{ convoy: row.convoy_id, title: row.title, status: row.status, completed: row.completed, total: row.total },
    tracked: jsonOf<{ id: string | null }[]>(row.tracked_json, []),
    ...{ created_at: row.created_at, collected_at: row.collected_at },
  })),
  roles: agents.map((row) => ({
    ...placeOf(row),
    ...{ address: row.address, role: row.role, rig: row.rig, session: row.session_name, agent: row.agent_id },
    ...{ running: row.running, says: row.state, hook: row.hook_bead, work: row.work_title },
  })),
  hooks: hooks.map((row) => ({
    ...placeOf(row),
    ...{ address: row.address, has_work: row.has_work, molecule: row.molecule, title: row.title },
  })),
})

const sessionsOf = ({ ntm }: Read) =>
  ntm.sessions.map((row) => ({
    ...{ machine: row.machine_id, session: row.session_name, label: row.label, work_dir: row.work_dir },
    ...{ attached: row.attached, windows: row.windows, panes: row.panes },
    agents: jsonOf<Record<string, number> | null>(row.agent_counts_json, null),
    ...{ health: row.health_status, health_reason: row.health_reason, collected_at: row.collected_at },
  }))

export const convoys = defineQuery({
  name: 'convoys',
  version: 1,
  summary:
    'Convoys of missions; and orchestrators: convoys, roles, hooks, merge queues and mail subjects of gastown, sessions of ntm',
  sources: ['gastown', 'ntm'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    since: z.string().default('24h').describe('mail and events since: age such as 24h, or ISO time'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('most mail and most events shown'),
    ...batchesParam,
  }),
  data: z.object({
    towns: z.array(townLine),
    convoys: z.array(convoyLine).describe('of gastown'),
    mission_convoys: z.array(convoyOfMissions).describe('of vc’s own queue (vc convoy), the newest first'),
    mission_convoys_total: count.describe('of vc’s own queue, before batches'),
    roles: z.array(roleLine),
    hooks: z.array(hookLine),
    queues: z.array(queueLine),
    mail: z.array(mailLine).describe('newest first; subjects only, bodies are never collected'),
    ntm_sessions: z.array(sessionLine),
    ntm_activity: z.array(
      z.object({
        machine: z.string(),
        sessions: count,
        agents: count.nullable(),
        by_type: z.record(z.string(), count).nullable(),
        by_state: z.record(z.string(), count).nullable().describe('ntm’s own words; null where no ntm looked lately'),
        collected_at: isoTime,
      }),
    ),
    events: z.array(eventLine).describe('newest first'),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const since = parseMoment(params.since, at ?? ctx.now)
    const rows = await readOrchestrators(ctx, { at, machine: params.machine, since, limit: params.limit })
    const batches = await readMissionConvoys(ctx, { at, now: at ?? ctx.now, batches: params.batches })
    const none = batches.total === 0 && rows.towns.length === 0 && rows.ntm.activity.length === 0
    return {
      data: {
        ...townsOf(rows),
        queues: queuesOf(rows),
        mission_convoys: batches.convoys,
        mission_convoys_total: batches.total,
        mail: rows.mail.map((row) => ({
          ...placeOf(row),
          ts: row.ts,
          from: row.sender,
          to: row.recipient,
          subject: row.subject,
        })),
        ntm_sessions: sessionsOf(rows),
        ntm_activity: rows.ntm.activity.map((row) => ({
          ...{ machine: row.machine_id, sessions: row.total_sessions, agents: row.total_agents },
          by_type: jsonOf<Record<string, number> | null>(row.by_type_json, null),
          by_state: jsonOf<Record<string, number> | null>(row.by_state_json, null),
          collected_at: row.collected_at,
        })),
        events: eventsOf(rows, params.limit),
      },
      warnings: none
        ? [
            warning(
              'no_orchestrator',
              'no town of gastown and no ntm has been seen',
              'see vc doctor for machines that have gt or ntm',
            ),
          ]
        : [],
    }
  },
})
