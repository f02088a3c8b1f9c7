import { agents } from '../../store/index.ts'
import type { Managed } from './book.ts'
import type { EnginePorts } from './ports.ts'

/** The session that an agent's CLI is in, as it was seen in its terminal of now; else the one vc knows already, or null. */
export type SeenSession = (agent: Managed) => Promise<string | null>

const paneKeyOf = ({ socket, server_start: serverStart, pane_id: pane }: Managed): string =>
  `${socket}:${serverStart}:${pane}`

/**
 * Some CLIs choose the id of a session themselves, and all begin another one when they are told to: what is seen counts, or
 * the agent could not be brought back. Asks the store once, and only when it is called.
 */
export const openSeenSessions = ({ book }: Pick<EnginePorts, 'book'>, machineId: string): SeenSession => {
  const read = async () =>
    new Map((await agents(book.store.db, { machineId, ended: true })).map((row) => [row.agent_id, row]))
  let asked: ReturnType<typeof read> | null = null
  return async (agent) => {
    asked ??= read()
    const row = (await asked).get(agent.agent_id)
    return (row?.pane_key === paneKeyOf(agent) ? row.session_id : null) ?? agent.session_id
  }
}
