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

/** A session as `ntm list --json` tells it. Go leaves out what is zero, false or empty. */
export interface ListedSession {
  readonly name: string
  readonly label: string | null
  readonly workDir: string | null
  readonly attached: boolean | null
  readonly windows: number | null
  readonly panes: number | null
  /** Agents by ntm's type, without shells of people; null where the tool does not count. */
  readonly agents: Readonly<Record<string, number>> | null
}

export type NtmList =
  | {
      readonly is: 'list'
      readonly sessions: readonly ListedSession[]
      readonly unreadable: number
      readonly unknown: number
    }
  /** ntm's own error envelope. */
  | { readonly is: 'refused'; readonly code: string; readonly message: string }
  | { readonly is: 'foreign' }

const KNOWN = new Set(
  'generated_at sessions count total_matches has_more name base_project label windows pane_count attached working_directory agents'.split(
    ' ',
  ),
)
const NO_AGENTS = new Set(['user', 'other', 'total'])
const MAX_SESSIONS = 500

/** Never throws; a document without its required keys is foreign, not an empty list. */
export const parseNtmList = (text: string): NtmList => {
  const root = objectOf(parseExact(text))
  if (root === null) return { is: 'foreign' }
  if (root.success === false)
    return {
      is: 'refused',
      code: stringOf(root.error_code, 40) ?? 'unknown',
      message: stringOf(root.error) ?? 'no reason given',
    }
  if (!Array.isArray(root.sessions) || countOf(root.count) === null || 'schema_id' in root) return { is: 'foreign' }
  const items = objectsOf(root.sessions).slice(0, MAX_SESSIONS)
  const sessions = items.map(sessionOf).filter((session) => session !== null)
  return {
    is: 'list',
    sessions,
    unreadable: root.sessions.length - sessions.length,
    unknown: unknownFields([root, ...items], KNOWN),
  }
}

const smallOf = (value: unknown): number | null => {
  const count = countOf(value)
  return count === null || count > 1_000_000 ? null : Number(count)
}

const sessionOf = (item: JsonObject): ListedSession | null => {
  const name = stringOf(item.name)
  if (name === null) return null
  const agents = objectOf(item.agents)
  return {
    name,
    label: stringOf(item.label),
    workDir: stringOf(item.working_directory, 4096),
    attached: flagOf(item.attached),
    windows: smallOf(item.windows),
    panes: smallOf(item.pane_count),
    agents: agents === null ? null : countsOf(agents),
  }
}

const countsOf = (agents: JsonObject): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(agents).flatMap(([type, value]) => {
      const count = smallOf(value)
      return NO_AGENTS.has(type) || count === null || count === 0 ? [] : [[stringOf(type, 40) ?? 'unknown', count]]
    }),
  )
