import type { AgentCli } from '../../core/agent.ts'
import type { FileStat } from '../../core/ask.ts'
import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { sighting } from '../agent-evidence/sighting.ts'
import { timeOf } from '../row-cells.ts'
import { sightingRow } from './rows.ts'

/** Always there where processes have directories at all. */
const OWN = '/proc/self'

const directoryOf = (row: Row): string => `/proc/${row.pid}`

const hasPid = (row: Row): boolean => row.gone !== true && row.detached !== true && Number.isSafeInteger(row.pid)

const isRoot = (row: Row): boolean => row.pid === row.root_pid && row.start_ticks != null

/** Since when, as the first look that missed it said. */
const sinceOf = (subject: unknown, known: readonly Row[]): number | null =>
  timeOf(known.find((row) => row.sighting_source === 'process' && row.subject === subject && row.gone !== true)?.since)

function departedRow(root: Row, known: readonly Row[], at: Date): Row {
  const said = sighting({
    tier: 'death',
    source: 'process',
    says: 'dead',
    rule: 'left',
    version: '1',
    asOf: at,
    since: at,
    reason: 'no live process',
  })
  const row = sightingRow(root.cli as AgentCli, said, { pid: Number(root.pid), startTicks: Number(root.start_ticks) })
  return { ...row, since: new Date(sinceOf(row.subject, known) ?? at.getTime()) }
}

/**
 * Agents of which no process is left since the probe saw them: the directories of all their processes are gone. Costs some
 * stats and no fork; whoever took over a pid hides a death until the probe looks again.
 */
export async function departedRows(ctx: CollectContext, known: readonly Row[]): Promise<readonly Row[]> {
  const processes = (await ctx.known('latest_agent_processes')).filter(hasPid)
  if (processes.length === 0) return []
  const stats = await ctx.stat([OWN, ...new Set(processes.map(directoryOf))])
  const isMissing = (path: string): boolean =>
    stats.some((stat: FileStat) => stat.path === path && stat.is === 'missing')
  if (isMissing(OWN)) return []
  const living = new Set(processes.filter((row) => !isMissing(directoryOf(row))).map((row) => row.root_pid))
  return processes
    .filter((row) => isRoot(row) && !living.has(row.root_pid))
    .map((row) => departedRow(row, known, ctx.startedAt))
}
