import { agentsEver } from '../../store/index.ts'
import type { Managed } from './book.ts'
import type { EnginePorts } from './ports.ts'

/** The session that an agent's CLI is in, as it was seen in its terminal of now; else the one vc knows already, or null. */
export type SeenSession = (agent: Managed) => Promise<string | null>

const paneKeyOf = ({ socket, server_start: serverStart, pane_id: pane }: Managed): string =>
  `${socket}:${serverStart}:${pane}`

/**
 * Some CLIs choose the id of a session themselves, and all begin another one when they are told to: what is seen counts, or
 * the agent could not be brought back. Asks the store once about these agents, and only when it is called.
 */
export const openSeenSessions = (
  { book }: Pick<EnginePorts, 'book'>,
  machineId: string,
  asked: readonly Managed[],
): SeenSession => {
  const agentIds = asked.map((agent) => agent.agent_id)
  const read = async () =>
    new Map((await agentsEver(book.store.db, { machineId, agentIds })).map((row) => [row.agent_id, row]))
  let seen: ReturnType<typeof read> | null = null
  return async (agent) => {
    seen ??= read()
    const row = (await seen).get(agent.agent_id)
    return (row?.pane_key === paneKeyOf(agent) ? row.session_id : null) ?? agent.session_id
  }
}
