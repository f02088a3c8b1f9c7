import { setImmediate } from 'node:timers/promises'
import { type Profile, profiles, type SwarmFacts } from '../oracle/dna.ts'
import { type CommitDays, commitDays } from '../oracle/dna-commits.ts'
import { findPatterns, type PatternLook } from '../oracle/patterns.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'

/** What profiles and patterns rest on: two weeks, so that the week-end is in it twice and last month's habits are not. */
export const SWARM_WINDOW_MS = 14 * 86_400_000
/** A daemon looks every hour; what it saw longer ago than this is of one that no longer runs. */
export const LOOK_LIVES_MS = 2 * 3_600_000

const SLOTS_PER_HOUR = 12

const countsOf = (json: string | null): readonly number[] => {
  const value: unknown = JSON.parse(json ?? '[]')
  return Array.isArray(value) ? value.map(Number) : []
}

const commitsOf = (rows: readonly read.RepoCommitRow[]): readonly CommitDays[] =>
  rows.flatMap((row) =>
    row.last_day === null
      ? []
      : [{ machineId: row.machine_id, path: row.path, byDay: commitDays(countsOf(row.commits_by_day), row.last_day) }],
  )

/** Everything known of how agents worked in the window before now. */
export const readSwarmFacts = async (ctx: QueryContext): Promise<SwarmFacts> => {
  const span = { since: new Date(ctx.now.getTime() - SWARM_WINDOW_MS), until: ctx.now }
  const [hours, errors, commits, beads] = await Promise.all([
    read.agentHours(ctx.db, span),
    read.agentErrors(ctx.db, span),
    read.repoCommits(ctx.db),
    read.ownedBeads(ctx.db, span),
  ])
  return {
    hours: hours.map((row) => ({
      at: new Date(row.hour_at),
      machineId: row.machine_id,
      agentId: row.agent_id,
      cli: row.cli,
      model: row.model,
      project: row.project,
      turns: row.turns,
      contextTokens: row.context_tokens,
      cacheReadTokens: row.cache_read_tokens,
      outputTokens: row.output_tokens,
      totalTokens: row.total_tokens,
      activeHours: row.active_slots / SLOTS_PER_HOUR,
    })),
    errors: errors.map((row) => ({
      at: new Date(row.failed_at),
      agentId: row.agent_id,
      workingAt: row.working_at === null ? null : new Date(row.working_at),
    })),
    commits: commitsOf(commits),
    beads: beads.map((row) => ({ agentId: row.agent_id, type: row.issue_type })),
  }
}

/** A long computation gives way to other work between this many steps. */
const STEPS_AT_ONCE = 8

/** Weighed now, from rows. `weighed` counts those with too little work to tell of, too. */
export const weighProfiles = async (
  facts: SwarmFacts,
): Promise<{ readonly weighed: number; readonly profiles: readonly Profile[] }> => {
  const found: Profile[] = []
  let weighed = 0
  let steps = 0
  for (const one of profiles(facts)) {
    if (one !== undefined) weighed++
    if (one) found.push(one)
    if (++steps % STEPS_AT_ONCE === 0 || one === undefined) await setImmediate()
  }
  return { weighed, profiles: found.toSorted((a, b) => b.activeHours - a.activeHours || a.key.localeCompare(b.key)) }
}

/** Looked for now, from rows. */
export const lookForPatterns = async (facts: SwarmFacts): Promise<PatternLook> => {
  const steps = findPatterns(facts.hours, facts.errors)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await setImmediate()
  }
}

/** The stored look that stands for the moment, or null: then nobody looked lately. */
export const standingLook = async (
  ctx: QueryContext,
  kind: 'dna' | 'patterns',
  at: Date | null,
): Promise<read.SwarmLookRow | null> => {
  const moment = at ?? ctx.now
  const look = await read.lastSwarmLook(ctx.db, { kind, until: moment })
  return look !== null && moment.getTime() - Date.parse(look.looked_at) <= LOOK_LIVES_MS ? look : null
}
