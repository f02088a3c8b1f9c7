import {
  countOf,
  flagOf,
  type JsonObject,
  objectOf,
  objectsOf,
  parseExact,
  stringOf,
  unknownFields,
} from '../foreign-json.ts'

export interface RuRepo {
  /** `owner/name`, as ru writes it: the host is in `spec` only. */
  readonly repo: string
  readonly path: string
  /** current | behind | ahead | diverged | missing | not_git | no_upstream, or a word of a newer ru. */
  readonly status: string
  readonly branch: string | null
  /** Against the last fetch; null: nothing to compare with, or not computable. */
  readonly ahead: number | null
  readonly behind: number | null
  readonly dirty: boolean | null
  readonly mismatch: boolean | null
}

export interface RuListing {
  readonly version: string | null
  readonly rows: readonly JsonObject[]
  /** Rows that were no objects. */
  readonly skipped: number
}

/** The rows of one envelope; null when the text is no answer of that command of ru. Never throws. */
export const parseListing = (text: string, command: 'list' | 'status'): RuListing | null => {
  const envelope = objectOf(parseExact(text))
  const repos = objectOf(envelope?.data)?.repos
  if (envelope?.command !== command || !Array.isArray(repos)) return null
  const rows = objectsOf(repos)
  return { version: stringOf(envelope.version, 40), rows, skipped: repos.length - rows.length }
}

/** Path to the configured spec, which is no clone URL. */
export const specsOf = (list: RuListing): ReadonlyMap<string, string> =>
  new Map(
    list.rows.flatMap(({ path, url }) =>
      typeof path === 'string' && typeof url === 'string' ? [[path, url] as const] : [],
    ),
  )

const KNOWN = new Set(['repo', 'path', 'status', 'branch', 'ahead', 'behind', 'dirty', 'mismatch'])

export const newFields = (status: RuListing): number => unknownFields(status.rows, KNOWN)

const NOTHING_TO_COMPARE = new Set(['missing', 'not_git', 'no_upstream'])
const NO_CHECKOUT = new Set(['missing', 'not_git'])

/** One checkout; null when the row lacks what makes it one. */
export const repoOf = (row: JsonObject): RuRepo | null => {
  const repo = stringOf(row.repo)
  const status = stringOf(row.status, 40)
  if (repo === null || status === null || typeof row.path !== 'string' || !/^\/[^\0]*$/.test(row.path)) return null
  const apart = (value: unknown): number | null => {
    const count = NOTHING_TO_COMPARE.has(status) ? null : countOf(value)
    return typeof count === 'number' && count < 2 ** 31 ? count : null
  }
  const here = !NO_CHECKOUT.has(status)
  return {
    repo,
    path: row.path,
    status,
    branch: stringOf(row.branch),
    ahead: apart(row.ahead),
    behind: apart(row.behind),
    // ru prints false where it found nothing to look into
    dirty: here ? flagOf(row.dirty) : null,
    mismatch: here ? flagOf(row.mismatch) : null,
  }
}
