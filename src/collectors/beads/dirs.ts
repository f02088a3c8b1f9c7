import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { textCell, timeOf } from '../row-cells.ts'

const MAX_DIRS = 128
const RECENT_MS = 7 * 24 * 3_600_000

export interface Dirs {
  readonly dirs: readonly string[]
  /** Projects met before: their folders are looked at until they are gone. */
  readonly known: ReadonlySet<string>
  readonly repos: ReadonlyMap<string, Row>
}

const usable = (dir: string | null): dir is string => dir?.startsWith('/') === true && !dir.includes('\0')

/** Folders that may have issues: configured ones, projects met before, checkouts, and where agents work or worked this week. */
export async function dirsToLook(ctx: CollectContext): Promise<Dirs> {
  const [projects, repos, processes, sessions] = await Promise.all([
    ctx.known('latest_beads_projects'),
    ctx.known('repos'),
    ctx.known('latest_agent_processes'),
    ctx.known('agent_sessions'),
  ])
  const known = projects.flatMap((row) => (textCell(row.project)?.startsWith('/') ? [String(row.project)] : []))
  const recent = sessions
    .filter((row) => (timeOf(row.last_activity_at) ?? 0) >= ctx.startedAt.getTime() - RECENT_MS)
    .map((row) => textCell(row.cwd))
  const configured = Array.isArray(ctx.options.dirs) ? ctx.options.dirs.filter((dir) => typeof dir === 'string') : []
  const all = [
    ...known.map((path) => path.slice(0, path.lastIndexOf('/')) || '/'),
    ...configured,
    ...processes.map((row) => textCell(row.cwd)),
    ...repos.map((row) => textCell(row.path)),
    ...recent,
  ]
  const dirs = [...new Set(all.filter(usable))]
  if (dirs.length > MAX_DIRS)
    ctx.warn('beads_dirs_capped', `${dirs.length} folders may hold issues, vc looks at ${MAX_DIRS}`, 'end old sessions')
  const checkouts = new Map(repos.flatMap((row) => (typeof row.path === 'string' ? [[row.path, row]] : [])))
  return { dirs: dirs.slice(0, MAX_DIRS), known: new Set(known), repos: checkouts }
}
