import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import { sha256 } from '../../core/ids.ts'
import type { CursorChange, Row, RowBatch } from '../../core/rows.ts'
import { judged, nextDeferMs } from '../beads/graph.ts'
import { projectRepoId } from '../beads/identity.ts'
import { momentOf } from '../beads/issue.ts'
import { goneBatches, type ProjectFacts, projectBatches, troubleBatch } from '../beads/rows.ts'
import { RigTrouble } from './ask.ts'
import { type RigAnswer, type RigHead, readRig } from './read-rig.ts'
import { projectOf, type Rig, rigsOf, targetOf } from './rigs.ts'
import { commitRows, eventRows, goneRows } from './rows.ts'

// It sends no script; the pages name its questions all the same: # vc:ask beads_dolt.select
const TALK_MS = 15_000
/** Schemas up to this one were read; newer ones are read by the columns they still have. */
const TESTED_SCHEMA = 32
/** Where the server has no hash of its contents, labels change unseen: read it all again every so many runs. */
const REREAD_EVERY = 10

/** Issues in Dolt databases, asked over the network by vc itself: one read-only connection per rig and run. */
export const beadsDolt = defineCollector({
  name: 'beads_dolt',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [
    ...['beads_projects', 'beads_issues', 'beads_dependencies', 'beads_graph_metrics'],
    ...['beads_issue_events', 'beads_commits'],
  ],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 110_000,
  needs: [],
  tested: { schema: String(TESTED_SCHEMA) },
  reads: { commands: ['SELECT … (MySQL protocol, from vc itself)'] },
  about:
    'Issues of bd in Dolt databases (MySQL protocol, read-only), with commits and events; rigs are named in vc.toml',
  async collect(ctx) {
    const rigs = rigsOf(ctx.options, ctx.machine)
    const dropped = await droppedProjects(ctx, rigs)
    if (rigs.length === 0 && dropped.length === 0) return { batches: [] }
    const done: Done[] = []
    for (const rig of rigs) done.push(await collectRig(ctx, rig))
    return resultOf(ctx, done, dropped)
  },
})

interface Done {
  readonly rig: Rig
  readonly batches: readonly RowBatch[]
  readonly cursors: readonly CursorChange[]
  readonly trouble: { readonly fault: Fault; readonly detail: string } | null
  readonly version: string | null
}

async function resultOf(
  ctx: CollectContext,
  done: readonly Done[],
  dropped: readonly string[],
): Promise<CollectResult> {
  const failed = done.flatMap(({ rig, trouble }) => (trouble === null ? [] : [{ rig, ...trouble }]))
  const [first] = failed
  const all = done.flatMap(({ batches }) => batches)
  const version = done.find((one) => one.version !== null)?.version ?? null
  const others = failed.length > 1 ? `; ${failed.length} of ${done.length} rigs failed` : ''
  return {
    batches: [...(first === undefined ? all : await withAbsences(ctx, all)), ...dropped.flatMap(goneBatches)],
    cursors: [...done.flatMap(({ cursors }) => cursors), ...dropped.map((key) => ({ key, value: null }))],
    ...(version === null ? {} : { sourceVersion: version }),
    ...(first === undefined
      ? {}
      : { fault: first.fault, detail: `${first.rig.name}: ${first.detail}${others}`, partial: true }),
  }
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  beads_issues: ['issue_id'],
  beads_dependencies: ['issue_id', 'depends_on_id', 'dep_type'],
}

/** A run with a fault marks nothing as gone; the rigs that did answer know what is. */
async function withAbsences(ctx: CollectContext, batches: readonly RowBatch[]): Promise<readonly RowBatch[]> {
  return Promise.all(
    batches.map(async (batch) => {
      const key = KEYS[batch.table]
      if (key === undefined || batch.scope === undefined) return batch
      const known = await ctx.known(`latest_${batch.table}`)
      return { ...batch, rows: [...batch.rows, ...goneRows(known, batch.rows, key, batch.scope)] }
    }),
  )
}

/** Projects of rigs that are no longer named. */
async function droppedProjects(ctx: CollectContext, rigs: readonly Rig[]): Promise<readonly string[]> {
  const named = new Set(rigs.map(projectOf))
  const known = await ctx.known('latest_beads_projects')
  return known.flatMap((row) =>
    row.source === 'beads_dolt' && typeof row.project === 'string' && !named.has(row.project) ? [row.project] : [],
  )
}

interface Remembered {
  readonly stamp: string | null
  readonly eventAt: string | null
  readonly polls: number
  readonly dueMs: number | null
  readonly projectId: string | null
}

const rememberedOf = (value: unknown): Remembered => {
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const text = (name: string): string | null => (typeof fields[name] === 'string' ? (fields[name] as string) : null)
  const number = (name: string): number | null => (typeof fields[name] === 'number' ? (fields[name] as number) : null)
  return {
    stamp: text('stamp'),
    eventAt: text('eventAt'),
    polls: number('polls') ?? 0,
    dueMs: number('dueMs'),
    projectId: text('projectId'),
  }
}

async function collectRig(ctx: CollectContext, rig: Rig): Promise<Done> {
  const project = projectOf(rig)
  const before = rememberedOf(ctx.cursors.get(project))
  const polls = (before.polls + 1) % REREAD_EVERY
  const again = (before.dueMs !== null && before.dueMs <= ctx.startedAt.getTime()) || (polls === 0 && isCounted(before))
  const talk = await ctx.mysql(targetOf(rig, TALK_MS), async (session): Promise<RigAnswer | RigTrouble> => {
    try {
      return await readRig(session, rig, { stamp: before.stamp, eventAt: before.eventAt, again })
    } catch (error) {
      if (error instanceof RigTrouble) return error
      throw error
    }
  })
  const nothing = { rig, cursors: [], version: null }
  if (talk.is === 'fault' || talk.value instanceof RigTrouble) {
    const trouble =
      talk.is === 'fault'
        ? { fault: talk.fault, detail: talk.detail }
        : { fault: (talk.value as RigTrouble).fault, detail: (talk.value as RigTrouble).message }
    const facts = factsOf(ctx, rig, null, before.projectId)
    return { ...nothing, batches: [troubleBatch(facts, trouble.fault, trouble.detail)], trouble }
  }
  const answer = talk.value
  if (answer.is === 'same') {
    const cursor = { key: project, value: { ...before, polls } }
    const counted = isCounted(before)
    return {
      ...nothing,
      batches: [],
      trouble: null,
      version: answer.head.serverVersion,
      cursors: counted ? [cursor] : [],
    }
  }
  return rigRows(ctx, rig, answer, before)
}

/** The stamp of a server without hashes begins with nothing. */
const isCounted = ({ stamp }: Remembered): boolean => stamp?.startsWith('|') === true

async function rigRows(
  ctx: CollectContext,
  rig: Rig,
  { head, contents }: Extract<RigAnswer, { is: 'contents' }>,
  before: Remembered,
): Promise<Done> {
  if (head.schemaLevel !== null && head.schemaLevel > TESTED_SCHEMA)
    ctx.warn(
      'beads_newer_schema',
      `${rig.name}: schema ${head.schemaLevel}, tested up to ${TESTED_SCHEMA}`,
      'compare vc robot beads with bd status',
    )
  const facts = factsOf(ctx, rig, head, head.projectId)
  const graph = await judged(ctx, contents.set)
  const events = eventRows(facts, contents.events)
  const commits = commitRows(facts, contents.commits)
  const value: Remembered = {
    stamp: head.stamp,
    eventAt: newestOf(contents.events) ?? before.eventAt,
    polls: 0,
    dueMs: nextDeferMs(contents.set, ctx.startedAt.getTime()),
    projectId: head.projectId,
  }
  return {
    rig,
    trouble: null,
    version: head.serverVersion,
    batches: [
      ...projectBatches(facts, contents.set, graph),
      ...batchOf('beads_issue_events', events),
      ...batchOf('beads_commits', commits),
    ],
    cursors: [{ key: projectOf(rig), value }],
  }
}

const batchOf = (table: string, rows: readonly Row[]): readonly RowBatch[] => (rows.length > 0 ? [{ table, rows }] : [])

const newestOf = (events: readonly { readonly created_at?: unknown }[]): string | null => {
  const times = events.flatMap(({ created_at }) => momentOf(created_at)?.getTime() ?? [])
  if (times.length === 0) return null
  return new Date(times.reduce((a, b) => Math.max(a, b))).toISOString().slice(0, 19).replace('T', ' ')
}

const factsOf = (ctx: CollectContext, rig: Rig, head: RigHead | null, projectId: string | null): ProjectFacts => ({
  project: projectOf(rig),
  repoId: projectId === null ? sha256(`${ctx.machine.id}:${projectOf(rig)}`) : projectRepoId(projectId),
  gitRepoId: null,
  name: rig.name,
  rig: rig.name,
  branch: rig.branch ?? head?.branch ?? null,
  backend: 'dolt',
  headHash: head?.hash ?? null,
  changedAt: null,
})
