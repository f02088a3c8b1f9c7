import type { CollectContext } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sh } from '../sh.ts'
import { cursorKey } from './cursor.ts'

export const PATHS_KEY = 'paths'
const ASK_AGAIN_MS = 6 * 3_600_000

/** "$1".."$n": pids of running OpenCodes. One folder a line: the login's, then what those of this user were started with. */
const SCRIPT = sh`# vc:ask opencode.paths
[ -n "\${XDG_DATA_HOME:-}\${HOME:-}" ] || { echo 'neither XDG_DATA_HOME nor HOME is set' >&2; exit 1; }
printf '%s/opencode\n' "\${XDG_DATA_HOME:-$HOME/.local/share}"
for p in "$@"; do
  [ -O "/proc/$p/environ" ] && tr '\000' '\n' <"/proc/$p/environ" 2>/dev/null | sed -n 's/^XDG_DATA_HOME=\(.*\)$/\1\/opencode/p' | head -n 1
done
exit 0
`
const MOST_PIDS = 50

interface KnownPaths {
  readonly dirs: readonly string[]
  readonly askedMs: number
  /** Of which OpenCodes it was asked. */
  readonly pids?: string
}

export type DataDirs =
  | { readonly dirs: readonly string[]; readonly learned: KnownPaths | null }
  | { readonly fault: Fault; readonly detail: string }

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('/') && value.length <= 4096 && !/\p{Cc}/u.test(value)

const known = (value: unknown): KnownPaths | null => {
  if (typeof value !== 'object' || value === null || !('dirs' in value) || !('askedMs' in value)) return null
  const { dirs, askedMs, pids } = value as { dirs: unknown; askedMs: unknown; pids?: unknown }
  if (!Array.isArray(dirs) || !dirs.every(isPath) || typeof askedMs !== 'number') return null
  return { dirs, askedMs, pids: typeof pids === 'string' ? pids : '' }
}

const runningPids = async (ctx: CollectContext): Promise<readonly string[]> =>
  (await ctx.known('latest_agent_processes'))
    .filter((row) => row.cli === 'opencode' && row.gone !== true)
    .map((row) => String(row.pid))
    .filter((pid) => /^\d+$/.test(pid))
    .sort()
    .slice(0, MOST_PIDS)

/** What was read before is read on when its OpenCode has ended: its last turns may not be counted yet. */
const withRead = (ctx: CollectContext, dirs: readonly string[], before: KnownPaths | null): readonly string[] => [
  ...new Set([...dirs, ...(before?.dirs ?? []).filter((dir) => ctx.cursors.has(cursorKey(`${dir}/opencode.db`)))]),
]

/**
 * Directories that may hold `opencode.db`: `options.data_dirs`, else what the login says and what running OpenCodes were
 * started with, asked when others run and every few hours. An answer of the login that is no absolute path is a fault, never a guess.
 */
export const findDataDirs = async (ctx: CollectContext): Promise<DataDirs> => {
  const configured = ctx.options.data_dirs
  if (Array.isArray(configured)) {
    const dirs = configured.filter(isPath)
    for (const bad of configured.filter((dir) => !isPath(dir)))
      ctx.warn('bad_option', `collectors.opencode.data_dirs: ${JSON.stringify(bad)} is no absolute path`, 'write "/…"')
    return { dirs, learned: null }
  }
  const before = known(ctx.cursors.get(PATHS_KEY))
  const nowMs = ctx.startedAt.getTime()
  const running = await runningPids(ctx)
  const pids = running.join(' ')
  if (before !== null && nowMs - before.askedMs < ASK_AGAIN_MS && before.pids === pids)
    return { dirs: before.dirs, learned: null }
  const answer = await ctx.run({ script: SCRIPT, args: running, timeoutMs: 5_000, maxBytes: 65_536 })
  if (answer.fault !== null)
    return { fault: answer.fault, detail: answer.detail ?? 'could not ask for the data directory' }
  const [dir, ...others] = decodeUtf8(answer.stdout).split('\n')
  if (answer.exitCode !== 0 || !isPath(dir))
    return { fault: 'bad_output', detail: 'the login names no absolute data directory (XDG_DATA_HOME, HOME)' }
  const learned = { dirs: withRead(ctx, [dir, ...others.filter(isPath)], before), askedMs: nowMs, pids }
  return { dirs: learned.dirs, learned }
}
