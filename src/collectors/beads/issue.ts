import type { BeadCategory } from '../../core/beads.ts'
import { sha256 } from '../../core/ids.ts'
import { displayText } from '../../core/text.ts'
import { dateOf } from '../row-cells.ts'

/** One issue, whichever way it was read. Texts other than the title are only measured. */
export interface Issue {
  readonly id: string
  readonly title: string | null
  readonly status: string | null
  readonly category: BeadCategory
  readonly priority: number | null
  readonly type: string | null
  readonly assignee: string | null
  readonly labels: readonly string[]
  readonly createdAt: Date | null
  readonly startedAt: Date | null
  readonly updatedAt: Date | null
  readonly closedAt: Date | null
  readonly dueAt: Date | null
  readonly deferUntil: Date | null
  readonly estimatedMinutes: number | null
  readonly externalRef: string | null
  readonly comments: number | null
  /** Null: this source does not hand out bodies. */
  readonly bodyChars: number | null
  readonly bodySha256: string | null
  readonly quiet: boolean
  readonly deleted: boolean
}

export interface Link {
  readonly issue: string
  readonly on: string
  readonly type: string
  readonly createdAt: Date | null
}

/** Custom statuses of a project: name to what `bd` calls its category. */
export type CustomStatuses = ReadonlyMap<string, string>

const CATEGORIES: Readonly<Record<string, BeadCategory>> = {
  open: 'open',
  in_progress: 'in_progress',
  hooked: 'in_progress',
  blocked: 'blocked',
  deferred: 'deferred',
  closed: 'done',
  tombstone: 'done',
  pinned: 'held',
}
const CUSTOM: Readonly<Record<string, BeadCategory>> = {
  active: 'open',
  wip: 'in_progress',
  done: 'done',
  frozen: 'held',
}

export const categoryOf = (status: string | null, custom: CustomStatuses): BeadCategory => {
  if (status === null) return 'unknown'
  if (Object.hasOwn(CATEGORIES, status)) return CATEGORIES[status] ?? 'unknown'
  const category = custom.get(status) ?? ''
  return Object.hasOwn(CUSTOM, category) ? (CUSTOM[category] ?? 'unknown') : 'unknown'
}

// What `bd list` and `bd ready` leave out: the plumbing of orchestrators, not work.
const QUIET_TYPES = new Set('agent role rig message gate molecule convoy merge-request event'.split(' '))

const MAX_ID = 255
const MAX_LABELS = 64
const BODIES = ['description', 'design', 'acceptance_criteria', 'notes'] as const

type Fields = Readonly<Record<string, unknown>>

const ID = /^[^\s\p{Cc}]{1,255}$/u

/** An id that can be one; ids are compared exactly, so nothing is cut from them. */
export const idOf = (value: unknown): string | null => (typeof value === 'string' && ID.test(value) ? value : null)

const words = (value: unknown, max = 256): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null
const whole = (value: unknown, least: number, most: number): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : null
const yes = (value: unknown): boolean => value === true || value === 1

/** A moment; the zero of the epoch is how `bd` writes "never". */
export const momentOf = (value: unknown): Date | null => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) || value.getTime() === 0 ? null : value
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return null
  const ms = Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) || ms <= 0 ? null : dateOf(ms)
}

const bodyOf = (fields: Fields): Pick<Issue, 'bodyChars' | 'bodySha256'> => {
  const texts = BODIES.map((name) => (typeof fields[name] === 'string' ? (fields[name] as string) : ''))
  const bodyChars = texts.reduce((sum, text) => sum + text.length, 0)
  return { bodyChars, bodySha256: bodyChars === 0 ? null : sha256(texts.join('\u001f')) }
}

const labelsOf = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? [...new Set(value.flatMap((label) => words(label, 128) ?? []))].sort().slice(0, MAX_LABELS)
    : []

/** An issue out of the fields of its JSON or its columns; null when it has no id. Fields of a wrong type are unknown. */
export function issueOf(fields: Fields, custom: CustomStatuses): Issue | null {
  const id = idOf(fields.id)
  if (id === null) return null
  const status = words(fields.status, 64)
  const type = words(fields.issue_type, 64)
  const comments = Array.isArray(fields.comments) ? fields.comments.length : null
  return {
    id,
    title: words(fields.title),
    status,
    category: categoryOf(status, custom),
    priority: whole(fields.priority, 0, 4),
    type,
    assignee: words(fields.assignee, 128),
    labels: labelsOf(fields.labels),
    createdAt: momentOf(fields.created_at),
    startedAt: momentOf(fields.started_at),
    updatedAt: momentOf(fields.updated_at),
    closedAt: momentOf(fields.closed_at),
    dueAt: momentOf(fields.due_at ?? fields.due_date),
    deferUntil: momentOf(fields.defer_until),
    estimatedMinutes: whole(fields.estimated_minutes, 0, 10_000_000),
    externalRef: words(fields.external_ref),
    comments: whole(fields.comment_count, 0, 1_000_000_000) ?? comments,
    ...bodyOf(fields),
    quiet: yes(fields.ephemeral) || yes(fields.is_template) || QUIET_TYPES.has(type ?? ''),
    deleted: status === 'tombstone',
  }
}

/** What an issue waits on, out of one of its dependency objects; null when either end is missing. */
export function linkOf(fields: Fields, issue: string): Link | null {
  const on = idOf(fields.depends_on_id)
  const from = fields.issue_id === undefined ? issue : idOf(fields.issue_id)
  if (on === null || from !== issue || on.length > MAX_ID) return null
  const type = typeof fields.type === 'string' ? displayText(fields.type, 64) : ''
  // Older writers leave the type out; that always meant blocking.
  return { issue, on, type: type === '' ? 'blocks' : type, createdAt: momentOf(fields.created_at) }
}
