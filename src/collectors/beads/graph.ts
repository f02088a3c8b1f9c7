import type { BeadGraphAnswer, BeadGraphQuestion } from '../../core/beads.ts'
import type { CollectContext } from '../../core/collector.ts'
import { ownModule } from '../../core/own-files.ts'
import type { IssueSet } from './parse.ts'

const JOB = ownModule('oracle/beads-graph-job')

/** The graph of a project, worked out in the worker pool. */
export const judged = (ctx: CollectContext, set: IssueSet): Promise<BeadGraphAnswer> => {
  const question: BeadGraphQuestion = {
    nodes: set.issues.map(({ id, category, priority, deferUntil, quiet }) => ({
      id,
      category,
      priority,
      deferUntilMs: deferUntil?.getTime() ?? null,
      quiet,
    })),
    links: set.links.map(({ issue, on, type }) => ({ issue, on, type })),
    nowMs: ctx.startedAt.getTime(),
  }
  return ctx.work<BeadGraphAnswer>(JOB, question)
}

/** When the calendar next changes what is ready; null: never. */
export const nextDeferMs = (set: IssueSet, nowMs: number): number | null => {
  const coming = set.issues.flatMap(({ deferUntil }) =>
    deferUntil !== null && deferUntil.getTime() > nowMs ? [deferUntil.getTime()] : [],
  )
  return coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a, b))
}
