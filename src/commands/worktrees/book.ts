import { TAKES_PLACE } from '../../core/engine.ts'
import { usageError, VcError } from '../../core/errors.ts'
import type { Executor } from '../../core/executor.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { WorktreeLook, WorktreeOwners } from '../../engine/worktrees/proofs.ts'
import { agents, managedAgents, missionsNamed, type Store, type WorktreeRow, worktrees } from '../../store/index.ts'

/** What making, merging and removing worktrees needs from outside. */
export interface WorktreePorts {
  readonly store: Pick<Store, 'db' | 'write'>
  /** The way to a machine. Throws VcError for one that vc does not know. */
  executor(machineId: string): Promise<Executor>
  /** The machine vc runs on, for wishes that name none. */
  readonly localId: () => string
  now(): Date
}

const date = (iso: string | null): Date | null => (iso === null ? null : new Date(iso))

/** A worktree as vc keeps it; times as Date. */
const cellsOf = (row: WorktreeRow): Row => ({
  ...row,
  created_at: new Date(row.created_at),
  finished_at: date(row.finished_at),
  merged_at: date(row.merged_at),
  removed_at: date(row.removed_at),
  looked_at: date(row.looked_at),
})

/** Keeps what is known of a worktree. Throws VcError when it is not stored. */
export const keepWorktree = async (
  { store, now }: Pick<WorktreePorts, 'store' | 'now'>,
  row: WorktreeRow,
): Promise<WorktreeRow> => {
  const batches = [{ table: 'worktrees', rows: [cellsOf(row)] }]
  const written = await store.write({
    machineId: row.machine_id,
    source: 'worktrees',
    at: now(),
    batches,
    awaited: true,
  })
  if (!written.ok) throw new VcError('not_stored', `it was not stored: ${written.detail}`, 'look with: vc doctor')
  return row
}

export interface NewWorktree {
  readonly machineId: string
  readonly path: string
  readonly repo: string
  readonly branch: string
  readonly base: string
  readonly from: string
  readonly head: string
  readonly agentId: string | null
  readonly missionId: string | null
  readonly beadId: string | null
  readonly by: string
}

/** A worktree from its first day, or again after it was removed; one that is known keeps its beginnings. */
export const worktreeRow = (made: NewWorktree, known: WorktreeRow | undefined, at: Date): WorktreeRow => ({
  machine_id: made.machineId,
  path: made.path,
  repo: made.repo,
  branch: made.branch,
  base_branch: made.base,
  agent_id: made.agentId ?? known?.agent_id ?? null,
  mission_id: made.missionId ?? known?.mission_id ?? null,
  bead_id: made.beadId ?? known?.bead_id ?? null,
  status: 'active',
  detail: null,
  base_commit: known?.base_commit ?? made.from,
  head_commit: made.head,
  merge_commit: null,
  snapshot_ref: null,
  created_at: known?.created_at ?? at.toISOString(),
  created_by: known?.created_by ?? made.by,
  finished_at: null,
  merged_at: null,
  removed_at: null,
  looked_at: at.toISOString(),
})

/** The one worktree that a path, branch or end of a path names. Throws a usage error for none and for several. */
export const worktreeNamed = async (
  { store }: Pick<WorktreePorts, 'store'>,
  named: unknown,
  machineId: unknown = undefined,
): Promise<WorktreeRow> => {
  if (typeof named !== 'string' || named === '')
    throw usageError('no_worktree', 'no worktree was named', 'vc worktree list')
  const machine = typeof machineId === 'string' ? machineId : undefined
  const known = await worktrees(store.db, { machineId: machine })
  const exact = known.filter((row) => row.path === named)
  const found = exact.length > 0 ? exact : known.filter((row) => row.branch === named || row.path.endsWith(`/${named}`))
  const [one, second] = found
  const shown = displayText(named, 120)
  if (one === undefined) throw usageError('unknown_worktree', `vc made no worktree ${shown}`, 'vc worktree list')
  if (second !== undefined)
    throw usageError(
      'ambiguous_worktree',
      `${shown} names ${found.length} worktrees`,
      'name its whole path, and --machine',
    )
  return one
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** Who works in a worktree as far as vc's own records tell; processes are looked for on the machine. */
export const ownersOf = async (
  { store }: Pick<WorktreePorts, 'store'>,
  row: WorktreeRow,
  path: string,
): Promise<WorktreeOwners> => {
  const machineId = row.machine_id
  const [kept, seen, missions] = await Promise.all([
    managedAgents(store.db, { machineId }),
    agents(store.db, { machineId }),
    row.mission_id === null ? [] : missionsNamed(store.db, { ids: [row.mission_id] }),
  ])
  const working = kept.filter((agent) => TAKES_PLACE.has(agent.status) && isInside(agent.worktree ?? agent.cwd, path))
  const living = seen.filter(
    (agent) =>
      agent.ended === null && (agent.agent_id === row.agent_id || (agent.cwd !== null && isInside(agent.cwd, path))),
  )
  return {
    agents: [...new Set([...working, ...living].map((agent) => agent.agent_id))].sort(),
    missions: missions.filter((mission) => mission.status === 'claimed').map((mission) => mission.mission_id),
  }
}

/** What a look says, as lines for the person who is asked. */
export const lookLines = (look: WorktreeLook): readonly string[] => [
  `${look.path}, branch ${look.branch ?? '(detached)'}, commit ${look.head?.slice(0, 12) ?? 'none'}`,
  `${look.changed} changed, ${look.untracked} untracked, ${look.ignored} ignored (these would go with it), ${look.inside ?? 'unknown'} processes in it`,
  look.merged ? 'merged into its base' : look.pushed ? 'pushed' : 'neither merged nor pushed',
]
