import type { AssessInput } from '../oracle/agent-assess.ts'
import { namesOfLive } from '../oracle/agent-identity.ts'
import type { MetAgents } from '../store/index.ts'

/** Agents of long ago that bore one of these names. */
export type Met = (names: readonly string[]) => Promise<MetAgents>

/** A name that leads to an agent of long ago may bring up one more, as that agent's session is known then. */
const ROUNDS = 3

/** What is told of agents is of those that live or lately did; whoever comes back is looked for by its names. */
export const withReturned = async (input: AssessInput, met: Met | undefined): Promise<AssessInput> => {
  if (met === undefined) return input
  let now = input
  const asked = new Set(now.aliases.map((row) => String(row.alias)))
  for (let round = 0; round < ROUNDS; round += 1) {
    const unknown = namesOfLive(now).filter((name) => !asked.has(name))
    if (unknown.length === 0) break
    for (const name of unknown) asked.add(name)
    const { agents, aliases, taken } = await met(unknown)
    const [ids, names] = [new Set(now.agents.map((row) => row.agent_id)), new Set(now.aliases.map((row) => row.alias))]
    now = {
      ...now,
      agents: [...now.agents, ...agents.filter((row) => !ids.has(row.agent_id))],
      aliases: [...now.aliases, ...aliases.filter((row) => !names.has(row.alias))],
      taken,
    }
  }
  return now
}
