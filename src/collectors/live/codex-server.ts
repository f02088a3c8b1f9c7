import type { Sighting } from '../../core/agent.ts'
import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import type { ThreadSighting } from '../agent-evidence/codex-threads.ts'
import { askLocks, codexPids, type LockHolder } from './codex-locks.ts'
import { sightingRow } from './rows.ts'

/** What the last listing learned of running Codexes. */
export interface ServedThreads {
  /** Pids of background servers, blanks between. */
  readonly servers: string
  /** Pids of all others. */
  readonly clients: string
  /** Threads that a server runs. */
  readonly served: readonly string[]
  /** Threads that were there to be asked about. */
  readonly asked: readonly string[]
}

/** Who runs which thread; Linux only, elsewhere nobody is known to. */
export async function askServed(
  ctx: CollectContext,
): Promise<Omit<ServedThreads, 'asked'> & { holders: readonly LockHolder[] }> {
  const { servers, clients } = await codexPids(ctx)
  const holders = await askLocks(
    ctx,
    `${servers} ${clients}`.split(' ').filter((pid) => pid !== ''),
  )
  const isServer = ({ pid }: LockHolder): boolean => servers.split(' ').includes(String(pid))
  const served = holders.filter(isServer).flatMap(({ threads }) => threads.map(({ id }) => id))
  return { servers, clients, served: [...new Set(served)], holders }
}

/** A turn in a thread that was not there yet when servers were asked. */
export const isUnasked = (row: Row, codex: ServedThreads): boolean =>
  row.sighting_source === 'codex.threads' &&
  row.gone !== true &&
  row.says === 'working' &&
  !codex.asked.includes(String(row.session_id))

/** Another Codex runs than was asked, or there is a turn in a thread that was not there yet. */
export async function wantsServed(ctx: CollectContext, codex: ServedThreads, known: readonly Row[]): Promise<boolean> {
  const { servers, clients } = await codexPids(ctx)
  if (servers !== codex.servers || clients !== codex.clients) return true
  return servers !== '' && known.some((row) => isUnasked(row, codex))
}

/** What a turn says where its terminal is closed and the server goes on with it. */
export const inServer = (said: Sighting): Sighting => ({
  ...said,
  tier: 'live',
  source: 'codex.server',
  rule: said.rule.replace('codex.threads', 'codex.server'),
  reason: 'terminal closed, its turn goes on in the background server of Codex',
})

/** Turns under way that do not end with their terminal; only agents without a process ask for these. */
export const servedRows = (threads: readonly ThreadSighting[], served: readonly string[]): readonly Row[] =>
  threads
    .filter(({ threadId, sighting }) => sighting.says === 'working' && served.includes(threadId))
    .map(({ threadId, cwd, sighting }) => sightingRow('codex', inServer(sighting), { sessionId: threadId, cwd }))
