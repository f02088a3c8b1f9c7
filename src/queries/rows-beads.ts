import * as z from 'zod'
import type * as read from '../store/index.ts'
import { count, isoTime } from './shapes.ts'

export const standingCounts = z.object({
  issues: count,
  ready: count,
  in_progress: count,
  blocked: count,
  deferred: count,
  held: count.describe('pinned, frozen, of an unknown status, or no work at all'),
  done: count,
})

const projectLine = z.object({
  machine: z.string(),
  project: z.string().describe('path of the .beads folder, or dolt://host:port/database/branch'),
  repo: z.string().describe('same id wherever the project is seen'),
  name: z.string().nullable(),
  rig: z.string().nullable(),
  branch: z.string().nullable(),
  backend: z.string().describe('jsonl | bd | br | dolt'),
  state: z.string().describe('ok | degraded | no_issues | denied | too_large, or the fault that stopped the last read'),
  detail: z.string().nullable(),
  counts: standingCounts.nullable().describe('null: not readable'),
  by_status: z.record(z.string(), count),
  cycles: z.array(z.array(z.string())).describe('issues that wait on one another'),
  critical_path: z.array(z.string()).describe('longest chain of open issues, first to be done first'),
  central: z.array(z.string()).describe('open issues most others lead to, by PageRank'),
  bv_top_picks: z.array(z.string()).nullable().describe('what bv would do next; null: not asked'),
  read_at: isoTime.describe('when its issues last changed or were first read'),
})

const issueLine = z.object({
  machine: z.string(),
  project: z.string(),
  name: z.string().nullable(),
  id: z.string(),
  title: z.string().nullable(),
  type: z.string().nullable(),
  priority: count.nullable().describe('0 most urgent, 4 least'),
  status: z.string().nullable(),
  assignee: z.string().nullable(),
  updated: isoTime.nullable(),
})

const readyLine = issueLine.extend({
  score: z.number().nullable().describe('0-1, comparable within a project'),
  unblocks: count.nullable().describe('issues that wait on nothing else'),
  reasons: z.array(z.string()),
})
const waitingLine = issueLine.extend({ waits_on: z.array(z.string()) })
const startedLine = issueLine.extend({ started: isoTime.nullable(), waits_on: z.array(z.string()) })
const parkedLine = issueLine.extend({ standing: z.enum(['deferred', 'held']) })
const closedLine = issueLine.extend({ closed: isoTime.nullable() })

export const beadsData = z.object({
  totals: standingCounts.extend({ projects: count }).describe('an issue seen in several places counts once'),
  projects: z.array(projectLine),
  ready: z.array(readyLine),
  in_progress: z.array(startedLine),
  blocked: z.array(waitingLine),
  parked: z.array(parkedLine).describe('put off, pinned, or of a status that is neither: in review, for one'),
  done: z.array(closedLine).describe('closed last, first'),
})

/** A list of texts out of a column; empty where nothing was kept. */
export const listOf = (json: string | null | undefined): string[] => {
  const value: unknown = json ? JSON.parse(json) : []
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

export const ringsOf = (json: string | undefined): string[][] => {
  const value: unknown = json ? JSON.parse(json) : []
  return Array.isArray(value) ? value.map((ring) => (Array.isArray(ring) ? ring.map(String) : [])) : []
}

export const picksOf = (json: string | null | undefined): string[] | null => {
  if (!json) return null
  const value: unknown = JSON.parse(json)
  return Array.isArray(value)
    ? value.flatMap((pick: { id?: unknown }) => (typeof pick.id === 'string' ? [pick.id] : []))
    : []
}

const lineOf = (row: read.BeadsListedRow, name: string | null) => ({
  machine: row.machine_id,
  project: row.project,
  name,
  id: row.issue_id,
  title: row.title,
  type: row.issue_type,
  priority: row.priority,
  status: row.status,
  assignee: row.assignee,
  updated: row.updated_at,
})

export const readyOf = (row: read.BeadsListedRow, name: string | null): z.input<typeof readyLine> => ({
  ...lineOf(row, name),
  score: row.score,
  unblocks: row.unblocks,
  reasons: listOf(row.reasons_json),
})

export const waitingOf = (row: read.BeadsListedRow, name: string | null): z.input<typeof waitingLine> => ({
  ...lineOf(row, name),
  waits_on: listOf(row.waits_on_json),
})

export const startedOf = (row: read.BeadsListedRow, name: string | null): z.input<typeof startedLine> => ({
  ...waitingOf(row, name),
  started: row.started_at,
})

export const parkedOf = (row: read.BeadsListedRow, name: string | null): z.input<typeof parkedLine> => ({
  ...lineOf(row, name),
  standing: row.standing === 'deferred' ? 'deferred' : 'held',
})

export const closedOf = (row: read.BeadsListedRow, name: string | null): z.input<typeof closedLine> => ({
  ...lineOf(row, name),
  closed: row.closed_at,
})
