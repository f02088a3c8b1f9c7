import type { Sighting } from '../../core/agent.ts'
import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import type { ThreadSighting } from '../agent-evidence/codex-threads.ts'
import { sh } from '../sh.ts'
import { sightingRow } from './rows.ts'

/** "$1".."$n": pids of Codex's background servers. A server keeps the lock of each thread that it runs open: one thread id a line. */
const SERVED_SCRIPT = sh`# vc:ask live.codex
for p in "$@"; do
  [ -O "/proc/$p/fd" ] || continue
  ls -l "/proc/$p/fd" 2>/dev/null | sed -n 's|^.* -> /.*/thread-writer-locks/\([0-9a-f-]*\)\.lock$|\1|p'
done
exit 0
`

const MOST_PIDS = 20

/** What the last listing learned of Codex's background servers. */
export interface ServedThreads {
  /** Their pids, blanks between. */
  readonly servers: string
  /** Threads that one of them runs. */
  readonly served: readonly string[]
  /** Threads that were there to be asked about. */
  readonly asked: readonly string[]
}

const serversNow = async (ctx: CollectContext): Promise<readonly string[]> =>
  (await ctx.known('latest_agent_processes'))
    .filter((row) => row.cli === 'codex' && row.detached === true && row.gone !== true && Number.isSafeInteger(row.pid))
    .map((row) => String(row.pid))
    .sort()
    .slice(0, MOST_PIDS)

/** Which of these threads a background server runs; Linux only, elsewhere none. */
export async function askServed(ctx: CollectContext): Promise<Omit<ServedThreads, 'asked'>> {
  const servers = await serversNow(ctx)
  if (servers.length === 0) return { servers: '', served: [] }
  const answer = await ctx.run({
    script: SERVED_SCRIPT,
    args: servers,
    timeoutMs: ctx.machine.local ? 1_500 : 15_000,
    maxBytes: 1_000_000,
  })
  const ids = answer.fault === null ? decodeUtf8(answer.stdout).split('\n') : []
  return { servers: servers.join(' '), served: [...new Set(ids)].filter((id) => /^[0-9a-f-]{36}$/.test(id)) }
}

/** A turn in a thread that was not there yet when servers were asked. */
export const isUnasked = (row: Row, codex: ServedThreads): boolean =>
  row.sighting_source === 'codex.threads' &&
  row.gone !== true &&
  row.says === 'working' &&
  !codex.asked.includes(String(row.session_id))

/** Another server runs than was asked, or there is a turn in a thread that was not there yet. */
export async function wantsServed(ctx: CollectContext, codex: ServedThreads, known: readonly Row[]): Promise<boolean> {
  const servers = (await serversNow(ctx)).join(' ')
  return servers !== codex.servers || (servers !== '' && known.some((row) => isUnasked(row, codex)))
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
