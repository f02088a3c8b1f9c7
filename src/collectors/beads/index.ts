import { randomBytes } from 'node:crypto'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { CursorChange, Row, RowBatch } from '../../core/rows.ts'
import { type Dirs, dirsToLook } from './dirs.ts'
import { judged, nextDeferMs } from './graph.ts'
import { identityOf } from './identity.ts'
import { type LookText, type Project, parseLook } from './look.ts'
import { goneBatches, type ProjectFacts, projectBatches, troubleBatch } from './rows.ts'
import { LOOK_SCRIPT, TRIAGE_SCRIPT } from './script.ts'
import { fetchIssues, type Way, wayTo } from './source.ts'
import { parseTriage } from './triage.ts'

/** Projects read in one run; the rest have their turn in the next. */
const MAX_READ = 8

/** Issues of the projects agents work in, from their files; the tools are asked only for what the files do not say. */
export const beads = defineCollector({
  name: 'beads',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['beads_projects', 'beads_issues', 'beads_dependencies', 'beads_graph_metrics', 'beads_triage_snapshots'],
  interval: { localS: 60, remoteS: 300 },
  timeoutMs: 55_000,
  remoteTimeoutMs: 120_000,
  needs: [],
  afterProbe: true,
  tested: { bd: '1.0.3', br: '0.1.9', bv: '0.9.2' },
  reads: {
    commands: [
      'bd --readonly --sandbox list --json --all --limit 0',
      'br --no-auto-import --no-auto-flush --no-daemon --lock-timeout 2000 --no-color list --json --all --limit 0',
      'bv --robot-triage',
    ],
    files: ['DIR/.beads/issues.jsonl', 'DIR/.beads/metadata.json', 'DIR/.beads/redirect'],
  },
  about: 'Issues of the projects agents work in (.beads of bd and br), their dependency graph, and the triage of bv',
  async collect(ctx) {
    const dirs = await dirsToLook(ctx)
    if (dirs.dirs.length === 0) return { batches: [{ table: 'beads_projects', rows: [] }] }
    const answer = await ctx.run({
      script: `# vc:ask beads.look\nN=${randomBytes(8).toString('hex')}\n${LOOK_SCRIPT}`,
      args: dirs.dirs,
      timeoutMs: 20_000,
      maxBytes: 2 * 1024 * 1024,
    })
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const look = parseLook(answer.stdout)
    if (look === null) return { batches: [], fault: 'bad_output', detail: 'no answer from the script' }
    if (!look.complete) return { batches: [], fault: 'truncated', detail: 'the list of projects was cut off' }
    return readChanged(ctx, dirs, look)
  },
})

/** bd gives its files new times when it only reads, so it is asked only where the owner said that this is fine. */
const askable = (ctx: CollectContext): ReadonlyMap<string, string> =>
  new Map([...(ctx.machine.tools ?? [])].filter(([name]) => name !== 'bd' || ctx.options.ask_bd === true))

interface Turn {
  readonly project: Project
  readonly way: Way
}

async function readChanged(ctx: CollectContext, dirs: Dirs, look: LookText): Promise<CollectResult> {
  const projects = [...look.looked.values()].flatMap((looked) => (looked.is === 'project' ? [looked.project] : []))
  const turns = projects
    .map((project): Turn => ({ project, way: wayTo(project, askable(ctx), ctx.startedAt.getTime() / 1000) }))
    .filter((turn) => isDue(ctx, turn))
  const done: Done[] = []
  // One after the other: a project may be large, and others wait for this machine too.
  for (const turn of turns.slice(0, MAX_READ)) {
    done.push(await readProject(ctx, dirs, turn))
    ctx.progress(done.length, turns.length)
  }
  const gone = goneProjects(dirs, look)
  return {
    batches: [...done.flatMap(({ batches }) => batches), ...gone.flatMap(goneBatches)],
    cursors: [...done.flatMap(({ cursors }) => cursors), ...gone.map((path) => ({ key: path, value: null }))],
  }
}

/** Known projects whose folder was looked at and is no longer theirs. Where vc was denied the look, it does not know. */
function goneProjects({ dirs, known }: Dirs, { looked }: LookText): readonly string[] {
  const seen = new Set([...looked.values()].flatMap((one) => (one.is === 'project' ? [one.project.path] : [])))
  const unsure = new Set(dirs.filter((_, at) => (looked.get(at + 1)?.is ?? 'denied') === 'denied'))
  const asked = new Set(dirs)
  return [...known].filter((path) => {
    const folder = path.slice(0, path.lastIndexOf('/')) || '/'
    return asked.has(folder) && !seen.has(path) && !unsure.has(folder)
  })
}

interface Remembered {
  readonly stamp: string
  /** When the calendar alone changes the picture. */
  readonly dueMs: number | null
}

const rememberedOf = (value: unknown): Remembered | null =>
  typeof value === 'object' && value !== null && 'stamp' in value && typeof value.stamp === 'string'
    ? { stamp: value.stamp, dueMs: 'dueMs' in value && typeof value.dueMs === 'number' ? value.dueMs : null }
    : null

function isDue(ctx: CollectContext, { project, way }: Turn): boolean {
  const remembered = rememberedOf(ctx.cursors.get(project.path))
  if (remembered === null) return true
  // What the tool said is newer than the file; its database is only touched or changing, and will be quiet again.
  if (way.by === 'file' && way.busy && remembered.stamp.startsWith(`${project.backend} `)) return false
  if (remembered.stamp !== stampOf(ctx, way)) return true
  return remembered.dueMs !== null && remembered.dueMs <= ctx.startedAt.getTime()
}

/** A tool that appears is a reason to look again. */
const stampOf = (ctx: CollectContext, way: Way): string =>
  `${way.by} ${way.stamp} ${ctx.machine.tools?.get('bv') ?? ''}`

interface Done {
  readonly batches: readonly RowBatch[]
  readonly cursors: readonly CursorChange[]
}

async function readProject(ctx: CollectContext, { repos }: Dirs, { project, way }: Turn): Promise<Done> {
  const facts = factsOf(ctx, project, way, repos)
  const fetched = await fetchIssues(ctx, project, way)
  const stamp = stampOf(ctx, way)
  if (fetched.is === 'trouble') {
    if (fetched.state !== 'no_issues')
      ctx.warn('beads_unread', `${project.path}: ${fetched.state}, ${fetched.detail}`, 'see vc robot beads')
    // What may pass by itself is tried again; what stands in the file is not.
    const settled = fetched.state === 'no_issues' || fetched.state === 'too_large' || fetched.state === 'bad_output'
    const cursors = settled ? [{ key: project.path, value: { stamp, dueMs: null } }] : []
    return { batches: [troubleBatch(facts, fetched.state, fetched.detail)], cursors }
  }
  const graph = await judged(ctx, fetched.set)
  if (fetched.set.bad > 0)
    ctx.warn(
      'beads_bad_lines',
      `${project.path}: ${fetched.set.bad} lines are no issues`,
      'mend the file: bd export, br sync',
    )
  const triage = await triageOf(ctx, project, facts)
  const dueMs = nextDeferMs(fetched.set, ctx.startedAt.getTime())
  return {
    batches: [...projectBatches(facts, fetched.set, graph), ...triage],
    cursors: [{ key: project.path, value: { stamp, dueMs } }],
  }
}

function factsOf(ctx: CollectContext, project: Project, way: Way, repos: ReadonlyMap<string, Row>): ProjectFacts {
  const folder = project.path.slice(0, project.path.lastIndexOf('/')) || '/'
  const identity = identityOf({ projectId: project.projectId, folder, machineId: ctx.machine.id }, repos)
  const changedS = way.by === 'file' ? project.jsonl?.changedS : project.database?.changedS
  return {
    ...identity,
    project: project.path,
    rig: null,
    branch: null,
    backend: project.backend,
    headHash: null,
    changedAt: changedS === undefined ? null : new Date(changedS * 1000),
  }
}

/** What bv recommends, asked only when the issues changed. Older bv knows no triage; that is no fault. */
async function triageOf(ctx: CollectContext, project: Project, facts: ProjectFacts): Promise<readonly RowBatch[]> {
  const tool = ctx.machine.tools?.get('bv')
  if (tool === undefined || project.jsonl === null) return []
  const answer = await ctx.run({
    script: `# vc:ask beads.triage\n${TRIAGE_SCRIPT}`,
    args: [tool, project.path],
    timeoutMs: 15_000,
    maxBytes: 4 * 1024 * 1024,
    slow: true,
  })
  const { version, columns } = parseTriage(answer.stdout)
  if (columns === null) {
    const how = answer.fault ?? (answer.exitCode === 0 ? 'no triage in its answer' : `it ended with ${answer.exitCode}`)
    ctx.warn('beads_no_triage', `bv ${version ?? ''} gave no triage for ${project.path}: ${how}`, 'install a newer bv')
    return []
  }
  const row = { project: facts.project, repo_id: facts.repoId, ...columns, gone: false }
  return [{ table: 'beads_triage_snapshots', scope: facts.project, rows: [row] }]
}
