import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { leftMachines, when, where } from './fleet-rows.ts'
import { atParam, momentOf } from './params.ts'
import {
  beadsData,
  closedOf,
  listOf,
  parkedOf,
  picksOf,
  readyOf,
  ringsOf,
  type standingCounts,
  startedOf,
  waitingOf,
} from './rows-beads.ts'
import { sourceAges } from './source-ages.ts'

const CENTRAL = 5
const READABLE = new Set(['ok', 'degraded', 'no_issues'])

const placeKey = ({ machine_id, project }: read.BeadsPlace): string => `${machine_id}\u0001${project}`

const wanted = (row: read.BeadsProjectRow, repo: string | undefined): boolean =>
  repo === undefined || [row.repo_id, row.git_repo_id, row.name, row.rig, row.project].includes(repo)

type Counts = z.output<typeof standingCounts>

const countsOf = (rows: readonly { readonly standing: string; readonly n: number }[]): Counts => {
  const counts = { issues: 0, ready: 0, in_progress: 0, blocked: 0, deferred: 0, held: 0, done: 0 }
  for (const { standing, n } of rows) {
    counts.issues += n
    if (standing in counts) counts[standing as keyof Counts] += n
  }
  return counts
}

const tally = (rows: readonly read.BeadsCountRow[]): Record<string, number> => {
  const counts = new Map<string, number>()
  for (const { status, n } of rows) counts.set(status ?? 'unknown', (counts.get(status ?? 'unknown') ?? 0) + n)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}

/** A live database before a file, then the newer word: which of several places speaks for a project. */
const rankOf = (row: read.BeadsProjectRow): string =>
  `${row.backend === 'dolt' ? 1 : 0}${row.state === 'ok' ? 1 : 0}${row.source_changed_at ?? row.collected_at}`

const bestFirst = (projects: readonly read.BeadsProjectRow[]): readonly read.BeadsProjectRow[] =>
  projects.toSorted((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1))

/** Issues of bd and br across the fleet. Titles only: bodies are not stored. */
export const beads = defineQuery({
  name: 'beads',
  version: 1,
  summary: 'Issues of the fleet: what is ready and why, what is blocked by what, cycles, critical path',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    repo: z.string().optional().describe('only this project: its repo id, name, rig or path'),
    status: z.string().optional().describe('only issues of this status or standing'),
    limit: z.coerce.number().int().min(0).max(1000).default(20).describe('of each list of issues'),
  }),
  data: beadsData,
  example: { limit: 5 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const place = where(at, params.machine)
    const [allProjects, central, graphs, triages, ages, left] = await Promise.all([
      read.beadsProjects(ctx.db, place),
      read.centralBeads(ctx.db, { ...place, limit: CENTRAL }),
      read.beadsGraphs(ctx.db, place),
      read.beadsTriages(ctx.db, place),
      sourceAges(ctx, at, ['beads'], params.machine),
      leftMachines(ctx, at, params.machine),
    ])
    const projects = allProjects.filter((row) => wanted(row, params.repo) && !left.has(row.machine_id))
    const question = { ...when(at), places: bestFirst(projects), status: params.status }
    const [counted, once, listed] = await Promise.all([
      read.beadsByPlace(ctx.db, question),
      read.beadsOnce(ctx.db, question),
      params.limit === 0 ? [] : read.listedBeads(ctx.db, { ...question, limit: params.limit }),
    ])
    const names = new Map(projects.map((row) => [placeKey(row), row.rig ?? row.name]))
    const byPlace = Map.groupBy(counted, placeKey)
    const centralOf = Map.groupBy(central, placeKey)
    const few = (...standings: readonly string[]) => listed.filter((row) => standings.includes(row.standing))
    const nameOf = (row: read.BeadsPlace): string | null => names.get(placeKey(row)) ?? null
    const graphOf = new Map(graphs.map((row) => [placeKey(row), row]))
    const triageOf = new Map(triages.map((row) => [placeKey(row), row]))
    return {
      data: {
        totals: {
          projects: new Set(projects.map(({ repo_id }) => repo_id)).size,
          ...countsOf(once),
        },
        projects: projects.map((row) => {
          const key = placeKey(row)
          const graph = graphOf.get(key)
          return {
            machine: row.machine_id,
            project: row.project,
            repo: row.repo_id,
            name: row.name,
            rig: row.rig,
            branch: row.branch,
            backend: row.backend,
            state: row.state,
            detail: row.detail,
            counts: graph === undefined ? null : countsOf(byPlace.get(key) ?? []),
            by_status: tally(byPlace.get(key) ?? []),
            cycles: ringsOf(graph?.cycles_json),
            critical_path: listOf(graph?.longest_chain_json),
            central: (centralOf.get(key) ?? []).map(({ issue_id }) => issue_id),
            bv_top_picks: picksOf(triageOf.get(key)?.quick_ref_json),
            read_at: row.collected_at,
          }
        }),
        ready: few('ready').map((row) => readyOf(row, nameOf(row))),
        in_progress: few('in_progress').map((row) => startedOf(row, nameOf(row))),
        blocked: few('blocked').map((row) => waitingOf(row, nameOf(row))),
        parked: few('deferred', 'held').map((row) => parkedOf(row, nameOf(row))),
        done: few('done').map((row) => closedOf(row, nameOf(row))),
      },
      staleness: ages.staleness,
      warnings: [
        ...ages.warnings,
        ...projects
          .filter(({ state }) => !READABLE.has(state))
          .map((row) =>
            warning(
              'project_unread',
              `${row.project} on ${row.machine_id}: ${row.state}${row.detail === null ? '' : `, ${row.detail}`}; its issues are as last read`,
              'mend what it names',
            ),
          ),
      ],
    }
  },
})
