import { z } from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { leftMachines, where } from './fleet-rows.ts'
import { atParam, momentOf } from './params.ts'
import {
  beadsData,
  closedOf,
  keysOf,
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
// More than any list shows: some of them belong to projects that were not asked about.
const CLOSED_READ = 2_000
const READABLE = new Set(['ok', 'degraded', 'no_issues'])

type Place = Pick<read.BeadsProjectRow, 'machine_id' | 'project'>
const placeKey = ({ machine_id, project }: Place): string => `${machine_id}\u0001${project}`
const beadKey = (row: { readonly repo_id: string; readonly issue_id: string }): string =>
  `${row.repo_id}\u0001${row.issue_id}`

const wanted = (row: read.BeadsProjectRow, repo: string | undefined): boolean =>
  repo === undefined || [row.repo_id, row.git_repo_id, row.name, row.rig, row.project].includes(repo)

type Counts = z.output<typeof standingCounts>

const countsOf = (rows: readonly read.BeadsStandingRow[]): Counts => {
  const counts = { issues: rows.length, ready: 0, in_progress: 0, blocked: 0, deferred: 0, held: 0, done: 0 }
  for (const { standing } of rows) if (standing in counts) counts[standing as keyof Counts] += 1
  return counts
}

const tally = (rows: readonly read.BeadsStandingRow[]): Record<string, number> => {
  const counts = new Map<string, number>()
  for (const { status } of rows) counts.set(status ?? 'unknown', (counts.get(status ?? 'unknown') ?? 0) + 1)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}

/** A live database before a file, then the newer word: which of several places speaks for a project. */
const rankOf = (row: read.BeadsProjectRow): string =>
  `${row.backend === 'dolt' ? 1 : 0}${row.state === 'ok' ? 1 : 0}${row.source_changed_at ?? row.collected_at}`

const bestFirst = (projects: readonly read.BeadsProjectRow[]): ReadonlyMap<string, number> =>
  new Map(projects.toSorted((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1)).map((row, at) => [placeKey(row), at] as const))

/** Each bead once, as the best of its places tells it; the order of what is left stays. */
const onceEach = <Row extends Place & { readonly repo_id: string; readonly issue_id: string }>(
  rows: readonly Row[],
  rank: ReadonlyMap<string, number>,
): readonly Row[] => {
  const of = (row: Row): number => rank.get(placeKey(row)) ?? Number.MAX_SAFE_INTEGER
  const best = new Map<string, Row>()
  for (const row of rows) {
    const other = best.get(beadKey(row))
    if (other === undefined || of(row) < of(other)) best.set(beadKey(row), row)
  }
  return rows.filter((row) => best.get(beadKey(row)) === row)
}

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
    const [allProjects, standings, open, closed, graphs, triages, ages, left] = await Promise.all([
      read.beadsProjects(ctx.db, place),
      read.beadsStandings(ctx.db, place),
      read.openBeads(ctx.db, place),
      params.limit === 0 ? [] : read.doneBeads(ctx.db, { ...place, limit: CLOSED_READ }),
      read.beadsGraphs(ctx.db, place),
      read.beadsTriages(ctx.db, place),
      sourceAges(ctx, at, ['beads'], params.machine),
      leftMachines(ctx, at, params.machine),
    ])
    const projects = allProjects.filter((row) => wanted(row, params.repo) && !left.has(row.machine_id))
    const rank = bestFirst(projects)
    const names = new Map(projects.map((row) => [placeKey(row), row.rig ?? row.name]))
    const mine = <Row extends Place & { status: string | null; standing: string }>(
      rows: readonly Row[],
    ): readonly Row[] =>
      rows.filter(
        (row) =>
          rank.has(placeKey(row)) &&
          (params.status === undefined || params.status === row.status || params.status === row.standing),
      )
    const counted = mine(standings)
    const byPlace = Map.groupBy(counted, placeKey)
    const beads = onceEach(mine(open), rank)
    const few = (standing: string) => beads.filter((row) => row.standing === standing).slice(0, params.limit)
    const nameOf = (row: Place): string | null => names.get(placeKey(row)) ?? null
    const openIds = new Set(open.map((row) => `${placeKey(row)}\u0001${row.issue_id}`))
    const graphOf = new Map(graphs.map((row) => [placeKey(row), row]))
    const triageOf = new Map(triages.map((row) => [placeKey(row), row]))
    return {
      data: {
        totals: {
          projects: new Set(projects.map(({ repo_id }) => repo_id)).size,
          ...countsOf(onceEach(counted, rank)),
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
            central: keysOf(graph?.pagerank_json)
              .filter((id) => openIds.has(`${key}\u0001${id}`))
              .slice(0, CENTRAL),
            bv_top_picks: picksOf(triageOf.get(key)?.quick_ref_json),
            read_at: row.collected_at,
          }
        }),
        ready: few('ready').map((row) => readyOf(row, nameOf(row))),
        in_progress: few('in_progress').map((row) => startedOf(row, nameOf(row))),
        blocked: few('blocked').map((row) => waitingOf(row, nameOf(row))),
        parked: beads
          .filter(({ standing }) => standing === 'deferred' || standing === 'held')
          .slice(0, params.limit)
          .map((row) => parkedOf(row, nameOf(row))),
        done: onceEach(mine(closed), rank)
          .slice(0, params.limit)
          .map((row) => closedOf(row, nameOf(row))),
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
