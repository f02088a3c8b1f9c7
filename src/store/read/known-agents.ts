import type { Row } from '../../core/rows.ts'
import type { Catalog } from '../catalog.ts'
import type { Db } from '../db.ts'
import { text, time } from '../sql.ts'
import { typedRows } from './typed-rows.ts'

/** Collectors look at where agents worked within a week. */
const SESSIONS_BACK_MS = 8 * 86_400_000
const DAY_MS = 86_400_000

interface Narrowed {
  /** Condition over the rows of the table, here `t`. */
  readonly where: () => string
  /** Other tables that decide which rows count. */
  readonly by: readonly string[]
}

/** Those that live, and those of the same CLI and machine that ended since one of these was first seen. */
const AGENTS = `(ended IS NULL OR ended >= (SELECT min(l.first_seen) FROM agents AS l
  WHERE l.machine_id = agents.machine_id AND l.cli = agents.cli AND l.ended IS NULL))`

/**
 * Agents come and go, and all that ever were stay in these tables: of half a year some ten thousand. Whoever looks at what is
 * there now is told what may still be joined to it; of older ones, `metAgents` finds those that come back.
 */
const NARROWED: Readonly<Record<string, Narrowed>> = {
  agents: { where: () => AGENTS, by: [] },
  agent_aliases: {
    where: () => `agent_id IN (SELECT agent_id FROM agents WHERE ${AGENTS})`,
    by: ['agents'],
  },
  latest_agent_states: { where: () => 'agent_id IN (SELECT agent_id FROM agents WHERE ended IS NULL)', by: ['agents'] },
  agent_sessions: {
    // A whole day, so that the question stays the same for that long. OpenCode's rows are completed by what they said before.
    where: () => {
      const since = time(Math.floor(Date.now() / DAY_MS) * DAY_MS - SESSIONS_BACK_MS)
      return `(cli = 'opencode' OR coalesce(last_activity_at, updated_at) >= least(${since}, (SELECT min(p.started_at) FROM
        latest_agent_processes AS p WHERE p.machine_id = agent_sessions.machine_id AND p.cli = agent_sessions.cli AND p.cli <> 'claude')))`
    },
    by: ['agent_processes'],
  },
}

/** What is told of a table of which not every row is: the condition, and the other tables it reads. */
export const narrowedTo = (table: string): { readonly and: string; readonly by: readonly string[] } => {
  const narrowed = NARROWED[table]
  return narrowed === undefined ? { and: '', by: [] } : { and: ` AND ${narrowed.where()}`, by: narrowed.by }
}

/** Known rows that are others after rows of `table` changed: it decides which of them count. */
export const knownThrough = (table: string): readonly string[] =>
  table === 'agents' ? ['agent_aliases', 'latest_agent_states'] : []

/** Agents met before, by the names they went by. */
export interface MetAgents {
  readonly agents: readonly Row[]
  /** All names of these agents. */
  readonly aliases: readonly Row[]
  /** Every id that was ever given on the machine: none is given twice. */
  readonly taken: ReadonlySet<string>
}

/** Who bore these names on a machine, however long ago. */
export const metAgents = async (
  db: Db,
  catalog: Catalog,
  machineId: string,
  names: readonly string[],
): Promise<MetAgents> => {
  const here = `machine_id = ${text(machineId)}`
  const owners = `SELECT agent_id FROM agent_aliases WHERE ${here} AND alias IN (${['', ...names].map(text).join(', ')})`
  const [agents, aliases, ids] = await Promise.all([
    db.rows(`SELECT * FROM agents WHERE ${here} AND agent_id IN (${owners})`),
    db.rows(`SELECT * FROM agent_aliases WHERE ${here} AND agent_id IN (${owners})`),
    db.rows<{ agent_id: string }>(`SELECT agent_id FROM agents WHERE ${here}`),
  ])
  return {
    agents: typedRows(catalog, 'agents', agents),
    aliases: typedRows(catalog, 'agent_aliases', aliases),
    taken: new Set(ids.map((row) => row.agent_id)),
  }
}
