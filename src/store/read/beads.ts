import type { Db } from '../db.ts'
import { picture } from './history.ts'
import { type MachineQuestion, ofMachine } from './pictures.ts'
import { BeadsGraphRow, BeadsIssueRow, BeadsProjectRow, BeadsStandingRow, BeadsTriageRow } from './rows/beads.ts'

export const beadsProjects = ofMachine('beads_projects', BeadsProjectRow, 'name, project')
export const beadsGraphs = ofMachine('beads_graph_metrics', BeadsGraphRow, 'project')
export const beadsTriages = ofMachine('beads_triage_snapshots', BeadsTriageRow, 'project')
/** Every issue, with no more than a count needs. */
export const beadsStandings = ofMachine('beads_issues', BeadsStandingRow, 'project, issue_id')

/** Issues that are or could be worked on, best to start first. */
export const openBeads = (db: Db, question: MachineQuestion = {}): Promise<BeadsIssueRow[]> =>
  picture<BeadsIssueRow>(db, 'beads_issues', BeadsIssueRow, {
    at: question.at,
    where: "($machine IS NULL OR machine_id = $machine) AND standing <> 'done'",
    params: { machine: question.machineId ?? null },
    orderBy: 'score DESC NULLS LAST, priority NULLS LAST, created_at, machine_id, project, issue_id',
  })

/** What is done, closed last first. */
export const doneBeads = (db: Db, question: MachineQuestion & { readonly limit: number }): Promise<BeadsIssueRow[]> =>
  picture<BeadsIssueRow>(db, 'beads_issues', BeadsIssueRow, {
    at: question.at,
    where: "($machine IS NULL OR machine_id = $machine) AND standing = 'done'",
    params: { machine: question.machineId ?? null },
    orderBy: `closed_at DESC NULLS LAST, updated_at DESC NULLS LAST, machine_id, project, issue_id LIMIT ${Math.floor(question.limit)}`,
  })
