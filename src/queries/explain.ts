import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { defineQuery } from './define.ts'
import { AGENT_SOURCES, atParam, momentOf } from './params.ts'
import { readReach } from './reach.ts'
import { readAgentEvidence, readAgentLately, readAgentNames } from './rows-evidence.ts'
import { agentState, isoTime, microusd, tokens } from './shapes.ts'

const row = z.record(z.string(), z.unknown())

const change = z.object({ at: isoTime, state: agentState, reason: z.string().nullable(), rule: z.string() })

const turn = z.object({
  at: isoTime,
  session: z.string(),
  subagent: z.boolean(),
  model: z.string().nullable(),
  input_tokens: tokens.describe('without cache'),
  output_tokens: tokens,
  cache_read_tokens: tokens,
  cache_write_tokens: tokens,
  cost_microusd: microusd.nullable().describe('null: no price is known'),
})

/** The one agent somebody means: its id, an alias, or a beginning of these that only one agent has; else a beginning of its four letters. */
export const chooseAgent = (
  wanted: string,
  known: {
    readonly agents: readonly { readonly agentId: string; readonly names: readonly string[]; readonly ended: boolean }[]
    /** Those that cannot be meant are told of where none can. */
    readonly total: number
  },
): string => {
  const names = known.agents
  const exact = names.find((agent) => agent.agentId === wanted || agent.names.includes(wanted))
  if (exact) return exact.agentId
  const ids = names.toSorted((a, b) => Number(a.ended) - Number(b.ended)).map((agent) => agent.agentId)
  const shortId = (id: string): string => id.slice(id.indexOf('/') + 1)
  const begun = names.filter(
    (agent) =>
      agent.agentId.startsWith(wanted) ||
      shortId(agent.agentId).startsWith(wanted) ||
      agent.names.some((name) => name.split(':').at(-1)?.startsWith(wanted)),
  )
  const lettered = names.filter(({ agentId }) => agentId.slice(agentId.lastIndexOf('-') + 1).startsWith(wanted))
  const matches = begun.length > 0 ? begun : lettered
  const living = matches.filter((agent) => !agent.ended)
  const chosen = living.length > 0 ? living : matches
  if (chosen.length === 1 && chosen[0]) return chosen[0].agentId
  if (chosen.length > 1)
    throw usageError(
      'ambiguous_agent',
      `'${wanted}' could be ${chosen.length} agents`,
      `write more of it: ${chosen
        .slice(0, 10)
        .map((agent) => agent.agentId)
        .join(', ')}`,
    )
  throw usageError(
    'unknown_agent',
    `no agent is called '${wanted}'`,
    ids.length > 0
      ? suggestName(wanted, ids, known.total)
      : 'no agent was seen yet: vc doctor says what vc cannot see, and why',
  )
}

/** The stored evidence behind one agent's state; screens and transcript words are never stored. */
export const explain = defineQuery({
  name: 'explain',
  version: 1,
  summary: "Which evidence decided an agent's state, and what lost",
  params: z.strictObject({
    ...atParam,
    id: z.string().describe('agent id, alias, or an unambiguous beginning'),
    turns: z.coerce.number().int().min(0).max(500).default(0).describe('how many turns and changes of state; 0: none'),
  }),
  data: z.object({
    agent: row,
    state: row.nullable(),
    pane: row.nullable(),
    processes: z.array(row),
    session: row.nullable(),
    aliases: z.array(row),
    changes: z.array(change).describe('of its state, newest first'),
    turns: z.array(turn).describe("replies of the model in the day before the session's last activity, newest first"),
  }),
  example: { id: 'atlas/claude-7k2m' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const id = chooseAgent(params.id, await readAgentNames(ctx, at, params.id))
    const evidence = await readAgentEvidence(ctx, at, id)
    const [lately, reach] = await Promise.all([
      readAgentLately(ctx, at ?? ctx.now, evidence, params.turns),
      readReach(ctx, at, AGENT_SOURCES, [String(evidence.agent.machine_id)]),
    ])
    return { data: { ...evidence, ...lately }, ...reach }
  },
})
