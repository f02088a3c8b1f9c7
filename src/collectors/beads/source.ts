import type { CollectContext } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import { ownModule } from '../../core/own-files.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import type { Project } from './look.ts'
import type { ParsedIssues } from './parse.ts'
import type { ParseQuestion } from './parse-job.ts'
import { LIST_SCRIPT } from './script.ts'

const PARSE = ownModule('collectors/beads/parse-job')
const MAX_LOCAL_BYTES = 128 * 1024 * 1024
const MAX_REMOTE_BYTES = 16 * 1024 * 1024
/** A database that changed less than this ago is being worked with: its next command may write the file, and needs its lock. */
const QUIET_S = 60

/** What to read a project from, and a stamp that changes when that does. */
export type Way =
  /** `busy`: the tool would know more, but its database is being worked with. */
  | { readonly by: 'file'; readonly stamp: string; readonly busy: boolean }
  | { readonly by: 'bd' | 'br'; readonly tool: string; readonly stamp: string }
  | { readonly by: 'nothing'; readonly why: string; readonly stamp: string }

/** The file, unless a database beside it is newer or alone, and its tool is there and can be asked without harm. */
export function wayTo(project: Project, tools: ReadonlyMap<string, string> | null, nowS: number): Way {
  const { jsonl, database, backend } = project
  const tool = backend === 'jsonl' || project.server ? undefined : tools?.get(backend)
  if (database !== null && tool !== undefined && backend !== 'jsonl') {
    const newer = jsonl === null || database.changedS > jsonl.changedS
    const quiet = jsonl === null || database.changedS + QUIET_S <= nowS
    if (newer && quiet) return { by: backend, tool, stamp: `${jsonl?.stamp ?? '-'}|${database.stamp}` }
    if (newer && jsonl !== null) return { by: 'file', stamp: jsonl.stamp, busy: true }
  }
  if (jsonl !== null) return { by: 'file', stamp: jsonl.stamp, busy: false }
  const why = project.server
    ? 'its issues are in a Dolt server: name it under [collectors.beads_dolt]'
    : database === null
      ? 'there are no issues yet'
      : `its issues are in a database that only ${backend} reads, and ${backend} is not there${backend === 'bd' ? ' or may not be asked ([collectors.beads] ask_bd = true)' : ''}`
  return { by: 'nothing', why, stamp: `nothing|${why}` }
}

export type Fetched =
  | { readonly is: 'issues'; readonly set: Extract<ParsedIssues, { is: 'issues' }>['set'] }
  | { readonly is: 'trouble'; readonly state: 'denied' | 'too_large' | 'no_issues' | Fault; readonly detail: string }

/** Reads a project the way that was chosen. Trouble of one project is no fault of the run. */
export async function fetchIssues(ctx: CollectContext, project: Project, way: Way): Promise<Fetched> {
  if (way.by === 'nothing') return { is: 'trouble', state: 'no_issues', detail: way.why }
  const bytes = way.by === 'file' ? await fileBytes(ctx, project) : await listBytes(ctx, project, way)
  if (!(bytes instanceof Uint8Array)) return bytes
  const question: ParseQuestion = { bytes, form: way.by === 'file' ? 'lines' : 'list' }
  const parsed = await ctx.work<ParsedIssues>(PARSE, question)
  if (parsed.is === 'refused') return { is: 'trouble', state: 'bad_output', detail: parsed.why }
  return { is: 'issues', set: parsed.set }
}

type Trouble = Extract<Fetched, { is: 'trouble' }>

async function fileBytes(ctx: CollectContext, { path, jsonlName }: Project): Promise<Uint8Array | Trouble> {
  const maxBytes = ctx.machine.local ? MAX_LOCAL_BYTES : MAX_REMOTE_BYTES
  const range = await ctx.readRange({ path: `${path}/${jsonlName}`, offset: 0, maxBytes })
  if (range.is === 'fault') return { is: 'trouble', state: range.fault, detail: range.detail ?? 'not readable' }
  if (range.is !== 'bytes')
    return { is: 'trouble', state: range.is === 'denied' ? 'denied' : 'no_issues', detail: `${jsonlName} ${range.is}` }
  if (range.size > maxBytes)
    return { is: 'trouble', state: 'too_large', detail: `${range.size} bytes, vc reads ${maxBytes} at most` }
  return range.bytes
}

async function listBytes(
  ctx: CollectContext,
  { path }: Project,
  way: { readonly by: 'bd' | 'br'; readonly tool: string },
): Promise<Uint8Array | Trouble> {
  const answer = await ctx.run({
    script: `# vc:ask beads.list\n${LIST_SCRIPT}`,
    args: [way.by, way.tool, path],
    timeoutMs: 15_000,
    maxBytes: MAX_REMOTE_BYTES,
    slow: true,
  })
  if (answer.fault !== null) return { is: 'trouble', state: answer.fault, detail: answer.detail ?? '' }
  if (answer.exitCode === 0) return answer.stdout
  const said = decodeUtf8(answer.stderr.subarray(0, 300)) || decodeUtf8(answer.stdout.subarray(0, 300))
  return {
    is: 'trouble',
    state: 'exit_code',
    detail: displayText(`${way.by} ended with ${answer.exitCode}: ${said}`, 300),
  }
}
