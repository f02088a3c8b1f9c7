import type { Row } from '../../core/rows.ts'
import { countOf, instantOf, type JsonObject, objectOf, objectsOf, parseExact, stringOf } from '../foreign-json.ts'

const MAX_ITEMS = 200

const listOf = (text: string): readonly JsonObject[] | null => {
  const root = parseExact(text)
  // Go prints a list nobody filled as null
  if (root === null) return []
  return Array.isArray(root) ? objectsOf(root) : null
}

const integerOf = (value: unknown): number | null => {
  const count = countOf(value)
  return count === null || count > 2_147_483_647 ? null : Number(count)
}

/** `gt convoy list --json`; null when it is none. */
export const parseConvoys = (text: string): readonly Row[] | null => {
  const list = listOf(text)
  if (list === null) return null
  return list.flatMap((item) => {
    const convoyId = stringOf(item.id, 80)
    if (convoyId === null || (item.tracked !== null && !Array.isArray(item.tracked))) return []
    const tracked = objectsOf(item.tracked)
    return [
      {
        convoy_id: convoyId,
        title: stringOf(item.title),
        status: stringOf(item.status, 40),
        created_at: instantOf(item.created_at),
        completed: integerOf(item.completed),
        total: integerOf(item.total),
        tracked_json: JSON.stringify(tracked.slice(0, MAX_ITEMS).map(trackedOf)),
        gone: false,
      },
    ]
  })
}

const trackedOf = (item: JsonObject) => ({
  id: stringOf(item.id, 80),
  title: stringOf(item.title, 200),
  status: stringOf(item.status, 40),
  assignee: stringOf(item.assignee, 120),
  worker: stringOf(item.worker, 120),
  blocked: item.blocked === true,
})

/** `gt mq list RIG --json`: beads whose description carries the request as `key: value` lines; its prose is left behind. */
export const parseMergeRequests = (text: string, rig: string): readonly Row[] | null => {
  const list = listOf(text)
  if (list === null) return null
  return list.flatMap((item) => {
    const requestId = stringOf(item.id, 80)
    if (requestId === null) return []
    const fields = fieldsOf(typeof item.description === 'string' ? item.description : '')
    return [
      {
        rig,
        request_id: requestId,
        title: stringOf(item.title),
        status: stringOf(item.status, 40),
        priority: integerOf(item.priority),
        branch: fields.get('branch') ?? null,
        target: fields.get('target') ?? null,
        worker: fields.get('worker') ?? null,
        source_issue: fields.get('source_issue') ?? null,
        convoy_id: fields.get('convoy_id') ?? fields.get('convoy') ?? null,
        retries: retriesOf(fields.get('retry_count')),
        blocked_by: Array.isArray(item.blocked_by) ? item.blocked_by.length : integerOf(item.blocked_by_count),
        created_at: instantOf(item.created_at),
        updated_at: instantOf(item.updated_at),
        gone: false,
      },
    ]
  })
}

const retriesOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null

const NAMES = new Set(['branch', 'target', 'worker', 'source_issue', 'convoy_id', 'convoy', 'retry_count'])

const fieldsOf = (description: string): ReadonlyMap<string, string> =>
  new Map(
    description
      .slice(0, 16_384)
      .split('\n')
      .flatMap((line) => {
        const [, key, value] = /^\s*([A-Za-z_-]{2,40})\s*:\s*(\S.*)$/.exec(line) ?? []
        const name = key?.toLowerCase().replaceAll('-', '_') ?? ''
        const shown = stringOf(value, 200)
        return NAMES.has(name) && shown !== null && !/\s/.test(shown.trim()) ? [[name, shown.trim()] as const] : []
      }),
  )

/** Rig name to the prefix its sessions carry; entries that make no sense are left out. */
export const parseRigPrefixes = (text: string): ReadonlyMap<string, string> => {
  const rigs = objectOf(objectOf(parseExact(text))?.rigs)
  return new Map(
    Object.entries(rigs ?? {}).flatMap(([rig, value]) => {
      const prefix = stringOf(objectOf(objectOf(value)?.beads)?.prefix, 40)
      return prefix === null ? [] : [[rig, prefix] as const]
    }),
  )
}
