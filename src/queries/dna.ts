import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { readSwarmFacts, SWARM_WINDOW_MS, standingLook, weighProfiles } from './dna-facts.ts'
import { lineOfProfile, lineOfRow, type ProfileLine, profileLine } from './dna-shapes.ts'
import { when } from './fleet-rows.ts'
import { atParam, cliParam, momentOf } from './params.ts'
import { count, isoTime } from './shapes.ts'

interface Weighed {
  readonly at: string | null
  readonly since: string | null
  readonly weighed: number
  readonly lines: readonly ProfileLine[]
}

const readProfiles = async (ctx: QueryContext, at: Date | null): Promise<Weighed> => {
  const look = await standingLook(ctx, 'dna', at)
  if (look !== null) {
    const lines = (await read.agentProfiles(ctx.db, when(at))).map(lineOfRow)
    return { at: look.looked_at, since: look.since_at, weighed: look.tests, lines }
  }
  // The past is told as it was seen then, or not at all.
  if (at !== null) return { at: null, since: null, weighed: 0, lines: [] }
  const { weighed, profiles } = await weighProfiles(await readSwarmFacts(ctx))
  const since = new Date(ctx.now.getTime() - SWARM_WINDOW_MS).toISOString()
  return { at: ctx.now.toISOString(), since, weighed, lines: profiles.map(lineOfProfile) }
}

const isAgent = (line: ProfileLine, wanted: string): boolean =>
  line.agent !== null && (line.agent === wanted || line.agent.endsWith(`/${wanted}`))

const ofAgent = (lines: readonly ProfileLine[], wanted: string): readonly ProfileLine[] => {
  const mine = lines.filter((line) => isAgent(line, wanted))
  if (mine.length > 0) return mine
  const names = lines.flatMap(({ agent }) => (agent === null ? [] : [agent]))
  throw usageError(
    'no_profile',
    `there is no profile of an agent “${displayText(wanted, 80)}”`,
    names.length > 0 ? suggestName(wanted, names) : 'no agent has a profile yet: one needs some finished sessions',
  )
}

/** How agents work, every figure with its interval and sample size; what has too few samples is not told. */
export const dna = defineQuery({
  name: 'dna',
  version: 1,
  summary: 'How agents and their kinds work: pace, evenness, use of context, errors, recovery, hours, affinities',
  params: z.strictObject({
    ...atParam,
    id: z.string().optional().describe('only this agent'),
    kind: z.enum(['agent', 'kind']).optional().describe('only single agents, or only kinds of agents'),
    cli: cliParam,
    project: z.string().optional().describe('only this project, by its path'),
    limit: z.coerce.number().int().min(1).max(2000).default(20),
  }),
  data: z.object({
    computed_at: isoTime.nullable().describe('null: nobody looked then'),
    since: isoTime.nullable().describe('what the figures rest on begins here'),
    weighed: count.describe('agents and kinds of agents with any work'),
    profiles: z.array(profileLine).describe('most active first'),
    more: z.boolean(),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const { at: computedAt, since, weighed, lines } = await readProfiles(ctx, at)
    const mine = params.id === undefined || computedAt === null ? lines : ofAgent(lines, params.id)
    const wanted = mine.filter(
      (line) =>
        (params.kind === undefined || line.kind === params.kind) &&
        (params.cli === undefined || line.cli === params.cli) &&
        (params.project === undefined || line.project === params.project),
    )
    return {
      data: {
        computed_at: computedAt,
        since,
        weighed,
        profiles: wanted.slice(0, params.limit),
        more: wanted.length > params.limit,
      },
      warnings:
        computedAt === null
          ? [
              warning(
                'not_computed',
                'no daemon weighed profiles around that time',
                'ask for another time, or leave at out',
              ),
            ]
          : [],
    }
  },
})
