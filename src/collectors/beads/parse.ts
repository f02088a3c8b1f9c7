import { decodeUtf8 } from '../../core/text.ts'
import { type CustomStatuses, type Issue, issueOf, type Link, linkOf } from './issue.ts'

/** The issues of one project as one source tells them. */
export interface IssueSet {
  readonly issues: readonly Issue[]
  readonly links: readonly Link[]
  /** Lines or elements that are no issue: torn, conflict marks, without an id. */
  readonly bad: number
  /** Ids met again; the last word counts. */
  readonly duplicates: number
  /** Fields vc does not know, counted over all issues. */
  readonly unknownFields: number
}

export type ParsedIssues =
  | { readonly is: 'issues'; readonly set: IssueSet }
  | { readonly is: 'refused'; readonly why: string }

/** A longer line is no issue: bodies are some kilobytes. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024
const NO_CUSTOM: CustomStatuses = new Map()

/** `.beads/issues.jsonl` of bd or br, any age. Never throws; a line that cannot be read is counted and left out. */
export function parseIssueLines(bytes: Uint8Array): ParsedIssues {
  const gathering = newGathering()
  let start = 0
  while (start < bytes.length) {
    const found = bytes.indexOf(10, start)
    const end = found < 0 ? bytes.length : found
    if (end - start > MAX_LINE_BYTES) gathering.bad += 1
    else takeLine(decodeUtf8(bytes.subarray(start, end)).trim(), gathering)
    start = end + 1
  }
  return finished(gathering)
}

/** Output of `bd list --json` or `br list --json`: a bare array, `{data: […]}` or `{issues: […]}`. */
export function parseIssueList(bytes: Uint8Array): ParsedIssues {
  const root = parseJson(decodeUtf8(bytes))
  const list = listIn(root)
  if (list === null) return { is: 'refused', why: errorIn(root) ?? 'no list of issues' }
  const gathering = newGathering()
  for (const element of list) take(element, gathering)
  return finished(gathering)
}

interface Gathering {
  readonly issues: Map<string, Issue>
  readonly links: Map<string, readonly Link[]>
  bad: number
  good: number
  duplicates: number
  unknownFields: number
}

const newGathering = (): Gathering => ({
  issues: new Map(),
  links: new Map(),
  bad: 0,
  good: 0,
  duplicates: 0,
  unknownFields: 0,
})

function takeLine(line: string, into: Gathering): void {
  if (line === '') return
  const value = line.startsWith('{') ? parseJson(line) : undefined
  if (value === undefined) into.bad += 1
  else take(value, into)
}

function take(value: unknown, into: Gathering): void {
  if (!isObject(value)) {
    into.bad += 1
    return
  }
  // Lines of `bd export` that are no issues: memories and what comes after them.
  if (value._type !== undefined && value._type !== 'issue') {
    into.good += 1
    return
  }
  const issue = issueOf(value, NO_CUSTOM)
  if (issue === null) {
    into.bad += 1
    return
  }
  into.good += 1
  if (into.issues.has(issue.id)) into.duplicates += 1
  into.issues.set(issue.id, issue)
  const listed = Array.isArray(value.dependencies) ? value.dependencies : []
  const links = listed.flatMap((entry) => (isObject(entry) ? (linkOf(entry, issue.id) ?? []) : []))
  into.links.set(issue.id, links)
  into.unknownFields += Object.keys(value).filter((name) => !KNOWN.has(name)).length
}

function finished(gathering: Gathering): ParsedIssues {
  const { issues, links, bad, good, duplicates, unknownFields } = gathering
  // Nothing but rubbish is another kind of file, not a project without issues.
  if (good === 0 && bad > 0) return { is: 'refused', why: `none of its ${bad} lines is an issue` }
  const alive = [...issues.values()].filter((issue) => !issue.deleted)
  return {
    is: 'issues',
    set: { issues: alive, links: alive.flatMap(({ id }) => links.get(id) ?? []), bad, duplicates, unknownFields },
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function listIn(root: unknown): readonly unknown[] | null {
  if (Array.isArray(root)) return root
  if (!isObject(root) || root.error !== undefined) return null
  if (Array.isArray(root.issues)) return root.issues
  return Array.isArray(root.data) ? root.data : null
}

function errorIn(root: unknown): string | null {
  const error = isObject(root) ? root.error : undefined
  if (typeof error === 'string') return error
  return isObject(error) && typeof error.message === 'string' ? error.message : null
}

const KNOWN = new Set(
  (
    '_type id title description design acceptance_criteria notes spec_id status priority issue_type assignee owner ' +
    'estimated_minutes created_at created_by updated_at started_at closed_at close_reason closed_by_session due_at due_date ' +
    'defer_until external_ref source_system source_repo metadata compaction_level compacted_at compacted_at_commit ' +
    'original_size labels dependencies comments sender ephemeral no_history wisp_type pinned is_template bonded_from ' +
    'await_type await_id timeout waiters mol_type work_type event_kind actor target payload dependency_count ' +
    'dependent_count comment_count parent content_hash deleted_at deleted_by delete_reason original_type retry_count revision'
  ).split(' '),
)
