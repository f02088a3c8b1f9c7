import * as z from 'zod'
import { hasEndedAgents } from '../store/index.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { readAgents, readAgentsEver, where } from './fleet-rows.ts'
import { AGENT_SOURCES, atParam, cliParam, flag, momentOf, namesIn, statesParam } from './params.ts'
import { readRoles } from './rows-orchestrators.ts'
import { agentState, count, isoTime } from './shapes.ts'

export const agentLine = z.object({
  agent: z.string().describe('agent id, minted once'),
  machine: z.string(),
  cli: z.string(),
  kind: z.string().describe('managed | adopted | observed'),
  state: agentState,
  reason: z.string().nullable(),
  since: isoTime.nullable(),
  until: isoTime.nullable().describe('for rate_limited: when the source says it ends'),
  rule: z.string().nullable().describe('rule that decided; vc explain shows winner and losers'),
  judged_age_s: count.nullable(),
  session: z.string().nullable(),
  cwd: z.string().nullable(),
  cli_version: z.string().nullable(),
  account: z.string().nullable(),
  pane: z.string().nullable(),
  role: z.string().nullable().describe('role in its orchestrator, where one says: mayor, polecat, crew, …'),
  rig: z.string().nullable().describe('project of its orchestrator'),
  pid: count.nullable(),
  first_seen: isoTime,
  ended: isoTime.nullable(),
})

const ageS = (from: string | null, now: Date): number | null =>
  from === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(from)) / 1000))

interface Asked {
  readonly machine?: string | undefined
  readonly state?: string | undefined
  readonly cli?: string | undefined
  readonly all: boolean
  readonly limit: number
}

/** The agents that are asked for, and how many there are by state. */
const readListed = async (ctx: QueryContext, at: Date | null, { machine, state, cli, all, limit }: Asked) => {
  const states = state === undefined ? undefined : namesIn(state)
  if (all) return readAgentsEver(ctx, at, { machineId: machine, cli, states, limit })
  const rows = (await readAgents(ctx, at, machine)).filter(
    (row) =>
      (cli === undefined || row.cli === cli) && (states === undefined || states.includes(row.state ?? 'unknown')),
  )
  const groups = Map.groupBy(rows, (row) => row.state ?? 'unknown')
  return { rows, byState: new Map([...groups].map(([name, mine]) => [name, mine.length])) }
}

/** That no agent was ever seen, however a question narrows them; nothing where one was. */
export const noAgentWarnings = async (ctx: QueryContext, at: Date | null, machine?: string): Promise<string[]> => {
  if ((await readAgents(ctx, at, machine)).length > 0 || (await hasEndedAgents(ctx.db, where(at, machine)))) return []
  const sentence = `no agent has been seen${machine === undefined ? '' : ` on ${machine}`} yet`
  return [warning('no_agents', sentence, 'start one, or see vc doctor for what vc cannot see')]
}

export const agents = defineQuery({
  name: 'agents',
  version: 1,
  summary: 'Every agent with its state, since when, and by which rule',
  sources: AGENT_SOURCES,
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    state: statesParam,
    cli: cliParam,
    all: flag.describe('ended agents too'),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('most ended agents listed, those that ended last; all that live are'),
  }),
  data: z.object({
    agents: z.array(agentLine),
    total: count.describe('agents, before limit'),
    by_state: z.record(z.string(), count).describe('before limit'),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const [{ rows: shown, byState }, roleOf] = await Promise.all([
      readListed(ctx, at, params),
      readRoles(ctx, at, params.machine),
    ])
    const total = [...byState.values()].reduce((sum, n) => sum + n, 0)
    return {
      data: {
        agents: shown.map((row) => ({
          agent: row.agent_id,
          machine: row.machine_id,
          cli: row.cli,
          kind: row.kind,
          state: agentState.parse(row.state ?? 'unknown'),
          reason: row.reason,
          since: row.since,
          until: row.until_at,
          rule: row.rule,
          judged_age_s: ageS(row.judged_at, at ?? ctx.now),
          session: row.session_id,
          cwd: row.cwd,
          cli_version: row.cli_version,
          account: row.account_key,
          pane: row.pane_key,
          role: roleOf(row)?.role ?? null,
          rig: roleOf(row)?.rig ?? null,
          pid: row.root_pid,
          first_seen: row.first_seen,
          ended: row.ended,
        })),
        total,
        by_state: Object.fromEntries(byState),
      },
      warnings: total > 0 ? [] : await noAgentWarnings(ctx, at, params.machine),
    }
  },
})
