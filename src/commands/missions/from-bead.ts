import type { BeadStanding } from '../../core/beads.ts'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import {
  type BeadsIssueRow,
  beadsProjects,
  doneBeads,
  missionsNamed,
  openBeads,
  type Store,
} from '../../store/index.ts'

export interface FromBeads {
  readonly beads: readonly string[]
  /** Folder or name of the project, where an id is in several. */
  readonly project: string | null
  readonly machine: string | null
}

/** What the queue is asked to add: the same words as any door's. */
export type BeadMission = Readonly<Record<string, unknown>>

const PRIORITIES = ['critical', 'high', 'normal', 'low', 'low'] as const

const TYPES: Readonly<Record<string, string>> = {
  ...{ bug: 'debugging', feature: 'coding', task: 'coding', story: 'coding', epic: 'synthesis' },
  ...{ spike: 'research', decision: 'analysis', chore: 'general', docs: 'docs', question: 'research' },
}

const find = async (store: Pick<Store, 'db'>, id: string, { project, machine }: FromBeads): Promise<BeadsIssueRow> => {
  const open = await openBeads(store.db, machine === null ? {} : { machineId: machine })
  const ofProject = (row: BeadsIssueRow): boolean =>
    project === null ||
    [row.project, folderOf(row.project)].includes(project) ||
    row.project.split('/').includes(project)
  const found = open.filter((row) => row.issue_id === id && ofProject(row))
  const shown = displayText(id, 64)
  const [one] = found
  if (one === undefined) {
    const done = (await doneBeads(store.db, { limit: 10_000 })).some((row) => row.issue_id === id)
    if (done) throw usageError('bead_done', `${shown} is done`, 'reopen it with its own tool first')
    throw usageError('unknown_bead', `vc knows no issue ${shown}`, 'vc robot beads')
  }
  if (new Set(found.map((row) => row.repo_id)).size > 1)
    throw usageError('ambiguous_bead', `${shown} is an issue of several projects`, 'name one: --project <folder>')
  return one
}

const keyOf = (row: BeadsIssueRow): string => `bead:${row.repo_id}:${row.issue_id}`

/** A mission that was done leaves its key: the issue was opened again, and is new work. */
const freeKey = async (store: Pick<Store, 'db'>, row: BeadsIssueRow): Promise<string> => {
  let key = keyOf(row)
  for (;;) {
    const [before] = await missionsNamed(store.db, { keys: [key] })
    if (before?.status !== 'done') return key
    key = `${keyOf(row)}#${before.mission_id}`
  }
}

const waitsOn = (row: BeadsIssueRow): readonly string[] => JSON.parse(row.waits_on_json ?? '[]') as string[]

/** The folder the tool is run in: issues lie in `.beads` below it. */
const folderOf = (project: string): string => project.replace(/\/\.beads$/, '')

const promptOf = (row: BeadsIssueRow, tool: string): string =>
  `Work on issue ${row.issue_id} of the project in ${folderOf(row.project)}. Its text is not here: read it there with ${tool === 'br' ? 'br' : 'bd'} show ${row.issue_id}.`

/**
 * Issues as missions. What an issue waits on must be done, or be among them, or be a mission already: else it is refused, because
 * its turn has not come. Titles are all that vc has of an issue.
 */
export const missionsFromBeads = async (store: Pick<Store, 'db'>, wish: FromBeads): Promise<readonly BeadMission[]> => {
  const rows = await Promise.all(wish.beads.map((id) => find(store, id, wish)))
  const projects = await beadsProjects(store.db, {})
  const refs = new Map(rows.map((row, index) => [row.issue_id, `bead${index + 1}`]))
  return Promise.all(
    rows.map(async (row) => {
      const others = await dependenciesOf(store, row, refs)
      const backend = projects.find((one) => one.project === row.project && one.machine_id === row.machine_id)?.backend
      return {
        title: row.title ?? row.issue_id,
        prompt: promptOf(row, backend ?? 'bd'),
        type: TYPES[row.issue_type ?? ''] ?? 'general',
        priority: row.priority === null ? 'normal' : (PRIORITIES[row.priority] ?? 'normal'),
        machine: row.machine_id,
        bead: { id: row.issue_id, project: folderOf(row.project) },
        key: await freeKey(store, row),
        ref: refs.get(row.issue_id),
        depends_on: others,
      }
    }),
  )
}

const OVER: ReadonlySet<BeadStanding> = new Set(['deferred', 'held'])

const dependenciesOf = async (
  store: Pick<Store, 'db'>,
  row: BeadsIssueRow,
  refs: ReadonlyMap<string, string>,
): Promise<readonly string[]> => {
  if (OVER.has(row.standing as BeadStanding))
    throw usageError('bead_not_ready', `${row.issue_id} is ${row.standing}`, 'make it ready with its own tool first')
  const waits = waitsOn(row)
  const lack = waits.filter((id) => !refs.has(id))
  const keys = lack.map((id) => `bead:${row.repo_id}:${id}`)
  const known = new Map(
    (keys.length === 0 ? [] : await missionsNamed(store.db, { keys })).map((one) => [one.bead_id, one.mission_id]),
  )
  const without = lack.filter((id) => !known.has(id))
  if (without.length > 0)
    throw usageError(
      'bead_blocked',
      `${row.issue_id} waits on ${displayText(without.join(', '), 200)}, which are no missions`,
      `take them in, too: vc mission from-bead ${displayText([row.issue_id, ...without].join(' '), 200)}`,
    )
  return waits.map((id) => refs.get(id) ?? known.get(id) ?? id)
}
