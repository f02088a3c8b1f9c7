import type { CollectContext } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sh } from '../sh.ts'

export const PATHS_KEY = 'paths'
const ASK_AGAIN_MS = 6 * 3_600_000

const SCRIPT = sh`# vc:ask opencode.paths
[ -n "\${XDG_DATA_HOME:-}\${HOME:-}" ] || { echo 'neither XDG_DATA_HOME nor HOME is set' >&2; exit 1; }
printf '%s/opencode' "\${XDG_DATA_HOME:-$HOME/.local/share}"
`

interface KnownPaths {
  readonly dirs: readonly string[]
  readonly askedMs: number
}

export type DataDirs =
  | { readonly dirs: readonly string[]; readonly learned: KnownPaths | null }
  | { readonly fault: Fault; readonly detail: string }

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('/') && value.length <= 4096 && !/\p{Cc}/u.test(value)

const known = (value: unknown): KnownPaths | null => {
  if (typeof value !== 'object' || value === null || !('dirs' in value) || !('askedMs' in value)) return null
  const { dirs, askedMs } = value
  return Array.isArray(dirs) && dirs.every(isPath) && typeof askedMs === 'number' ? { dirs, askedMs } : null
}

/**
 * Directories that may hold `opencode.db`: `options.data_dirs`, else what the login says, asked once and kept in the
 * cursor for some hours. An answer that is no absolute path is a fault, never a guess.
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
  if (before !== null && nowMs - before.askedMs < ASK_AGAIN_MS) return { dirs: before.dirs, learned: null }
  const answer = await ctx.run({ script: SCRIPT, timeoutMs: 5_000, maxBytes: 8_192 })
  if (answer.fault !== null)
    return { fault: answer.fault, detail: answer.detail ?? 'could not ask for the data directory' }
  const dir = decodeUtf8(answer.stdout)
  if (answer.exitCode !== 0 || !isPath(dir))
    return { fault: 'bad_output', detail: 'the login names no absolute data directory (XDG_DATA_HOME, HOME)' }
  const learned = { dirs: [dir], askedMs: nowMs }
  return { dirs: learned.dirs, learned }
}
