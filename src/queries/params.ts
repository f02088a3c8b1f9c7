import * as z from 'zod'
import { AGENT_CLIS } from '../core/agent.ts'
import { usageError } from '../core/errors.ts'
import { parseMoment } from '../core/moment.ts'
import { suggestName } from '../core/nearest.ts'
import type { FleetPlan } from '../core/plan.ts'
import { displayText } from '../core/text.ts'
import { agentState } from './shapes.ts'

export { parseMoment }

/** Every query takes `at`: the past as it was, or a refusal, never today's state in its place. */
export const atParam = {
  at: z
    .string()
    .optional()
    .describe('moment asked about: ISO time, age such as 2h, or clock time such as 03:12; default now'),
}

/** The moment of a query, or null for now. */
export const momentOf = (params: { readonly at?: string | undefined }, now: Date): Date | null => {
  if (params.at === undefined) return null
  const at = parseMoment(params.at, now)
  if (at.getTime() <= now.getTime()) return at
  throw usageError(
    'bad_time',
    `${at.toISOString()} lies in the future; it is ${now.toISOString()}`,
    'ask for an earlier time, or leave at out',
  )
}

/** A yes/no parameter: a boolean in JSON, `true`/`false`, `yes`/`no`, `1`/`0` on a command line or in a URL. */
export const flag = z.union([z.boolean(), z.stringbool()]).default(false)

/** How many lines an answer lists when nothing is said: what it leaves out is counted in the answer. */
export const limitParam = (usual: number, says: string, least = 0) =>
  z.coerce.number().int().min(least).max(100_000).default(usual).describe(says)

/** Names of a comma-separated list. */
export const namesIn = (text: string): string[] => text.split(',').map((name) => name.trim())

/** Some states of agents: who waits for a person is in one of two. */
export const statesParam = z
  .string()
  .superRefine((text, ctx) => {
    if (namesIn(text).some((state) => !agentState.safeParse(state).success))
      ctx.addIssue({ code: 'invalid_value', values: [...agentState.options], input: text })
  })
  .optional()
  .describe(`comma-separated: ${agentState.options.join(',')}`)

/** Whose transcripts are read. */
export const TRANSCRIPT_SOURCES = ['claude', 'codex', 'gemini', 'opencode'] as const

/** Who tells of agents and what they do. */
export const AGENT_SOURCES = ['claude', 'codex', 'gemini', 'live', 'opencode', 'probe', 'tmux'] as const

/** One of the agent CLIs: of another there is nothing, which would look like one that does nothing. */
export const cliParam = z.enum(AGENT_CLIS).optional().describe('only this CLI')

/** Refuses a source that nobody polls and that never ran: an empty answer would look like one that never failed. */
export const refuseUnknownSource = (
  source: string | undefined,
  plan: FleetPlan,
  rows: readonly { readonly source: string }[],
): void => {
  if (source === undefined) return
  const polled = plan.machines.flatMap(({ sources }) => sources.map((one) => one.source))
  const known = [...new Set([...polled, ...rows.map((row) => row.source)])].sort()
  if (known.length === 0 || known.includes(source)) return
  throw usageError(
    'unknown_source',
    `no source “${displayText(source, 40)}” is looked at on any machine`,
    suggestName(source, known),
  )
}
