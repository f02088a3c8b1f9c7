import { type JsonObject, objectOf, textOf, timeOf } from '../transcripts/json-cut.ts'

const UUID = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i

/** Thread id in a rollout's file name, or null. */
export const threadOfPath = (path: string): string | null =>
  UUID.exec(path.slice(path.lastIndexOf('/') + 1))?.[1] ?? null

/** Moment inside a version 7 UUID, epoch ms; null for other ids. Copies keep ids, whatever they do to times. */
export const momentOfId = (id: string | null): number | null =>
  id !== null && UUID.test(id) && id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : null

/** True for ids that no other turn of any thread can have. */
export const isUnique = (id: string | null): id is string => id !== null && id.length >= 32

export interface ThreadMeta {
  readonly id: string | null
  readonly parentId: string | null
  readonly isSubagent: boolean
  readonly createdMs: number | null
  readonly cwd: string | null
  readonly cliVersion: string | null
  readonly provider: string | null
  readonly entrypoint: string | null
  readonly gitBranch: string | null
}

/** What a `session_meta` payload says; every field may be missing in some version. */
export const readMeta = (payload: JsonObject): ThreadMeta => {
  const id = textOf(payload.id) ?? textOf(payload.session_id)
  const spawn = objectOf(objectOf(objectOf(payload.source)?.subagent)?.thread_spawn)
  const parentId = textOf(spawn?.parent_thread_id) ?? textOf(payload.parent_thread_id) ?? textOf(payload.forked_from_id)
  return {
    id,
    parentId: parentId === id ? null : parentId,
    isSubagent: objectOf(payload.source)?.subagent !== undefined || payload.thread_source === 'subagent',
    createdMs: momentOfId(id) ?? timeOf(payload.timestamp),
    cwd: textOf(payload.cwd),
    cliVersion: textOf(payload.cli_version),
    provider: textOf(payload.model_provider),
    entrypoint: textOf(payload.originator),
    gitBranch: textOf(objectOf(payload.git)?.branch),
  }
}
