import type { Db } from '../db.ts'
import { names, text, time } from '../sql.ts'
import { type At, overPicture, picture, pictureSource } from './history.ts'
import { remembered } from './remembered.ts'
import { MissionConvoyRow, MissionRow, MissionTextRow, WorktreeRow } from './rows/missions.ts'

/** The queue's own order, as core/missions/order.ts has it. */
const IN_ORDER =
  "CASE lane WHEN 'critical' THEN 0 WHEN 'standard' THEN 1 ELSE 2 END, " +
  "CASE priority WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, seq"

const IS_OPEN = "(status IN ('pending', 'claimed'))"

/** Open missions as they stood, in the order of the queue. */
export const missions = (db: Db, question: At = {}): Promise<MissionRow[]> =>
  picture(db, 'missions', MissionRow, { at: question.at, where: IS_OPEN, orderBy: IN_ORDER })

/** Which ended missions are meant; what is left out, all. */
export interface EndedQuestion extends At {
  readonly status?: string | undefined
  readonly convoyId?: string | undefined
  /** Held by it or addressed to it. */
  readonly agentId?: string | undefined
  readonly role?: string | undefined
  readonly type?: string | undefined
  /** Only those that tell of something. */
  readonly events: boolean
  readonly limit: number
}

/** Ended missions as they stood, the newest first. */
export const endedMissions = (db: Db, question: EndedQuestion): Promise<MissionRow[]> =>
  picture(db, 'missions', MissionRow, {
    at: question.at,
    where: `NOT ${IS_OPEN} AND ($status IS NULL OR status = $status) AND ($convoy IS NULL OR convoy_id = $convoy)
      AND ($agent IS NULL OR to_agent = $agent OR claimed_by = $agent) AND ($role IS NULL OR to_role = $role)
      AND ($type IS NULL OR mission_type = $type)${question.events ? ' AND event_type IS NOT NULL' : ''}`,
    params: {
      ...{ status: question.status ?? null, convoy: question.convoyId ?? null, agent: question.agentId ?? null },
      ...{ role: question.role ?? null, type: question.type ?? null },
    },
    orderBy: `finished_at DESC NULLS FIRST, ${IN_ORDER} LIMIT ${Math.trunc(question.limit)}`,
  })

/** These missions, or those made with one of these keys; straight from the table. */
export const missionsNamed = (
  db: Db,
  named: { readonly ids?: readonly string[]; readonly keys?: readonly string[] },
): Promise<MissionRow[]> => {
  const among = (column: string, values: readonly string[] = []): string =>
    values.length === 0 ? 'false' : `${column} IN (${values.map(text).join(', ')})`
  return db.rows<MissionRow>(
    `SELECT ${names(Object.keys(MissionRow.shape))} FROM missions
     WHERE ${among('mission_id', named.ids)} OR ${among('idem_key', named.keys)} ORDER BY seq`,
  )
}

/** These missions as they stood. */
export const missionsAmong = (db: Db, question: At & { readonly ids: readonly string[] }): Promise<MissionRow[]> =>
  question.ids.length === 0
    ? Promise.resolve([])
    : picture(db, 'missions', MissionRow, {
        at: question.at,
        where: `mission_id IN (${question.ids.map(text).join(', ')})`,
        orderBy: 'seq',
      })

/** What the owner of the queue goes on from: open missions, and the last numbers given. */
export const openMissions = (db: Db): Promise<MissionRow[]> =>
  db.rows<MissionRow>(`SELECT ${names(Object.keys(MissionRow.shape))} FROM missions WHERE ${IS_OPEN} ORDER BY seq`)

export const lastSeqs = async (db: Db): Promise<{ readonly mission: number; readonly convoy: number }> => {
  const [row] = await db.rows<{ mission: number; convoy: number }>(
    `SELECT (SELECT coalesce(max(seq), 0) FROM missions) AS mission,
       (SELECT coalesce(max(seq), 0) FROM mission_convoys) AS convoy`,
  )
  return row ?? { mission: 0, convoy: 0 }
}

export interface MissionCount {
  readonly convoy_id: string | null
  readonly status: string
  readonly event: boolean
  readonly n: number
  /** Of them, those that told what they used. */
  readonly reporting: number
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly cost_microusd: number | null
  readonly work_ms: number | null
}

/** Ended missions counted by status, and of these convoys each by itself, with what they cost; open ones are read whole. */
export const endedMissionCounts = async (
  db: Db,
  question: At & { readonly convoyIds?: readonly string[] | undefined } = {},
): Promise<MissionCount[]> => {
  const { at, convoyIds } = question
  const these = convoyIds ? 'AND convoy_id IN (SELECT unnest(string_split($convoys, chr(1))))' : ''
  return db.rows<MissionCount>(
    `SELECT ${convoyIds ? 'convoy_id' : 'NULL AS convoy_id'}, status, event_type IS NOT NULL AS event, count(*) AS n,
       count(coalesce(input_tokens, output_tokens, cost_microusd)) AS reporting, sum(input_tokens)::BIGINT AS input_tokens,
       sum(output_tokens)::BIGINT AS output_tokens, sum(cost_microusd)::BIGINT AS cost_microusd, sum(work_ms)::BIGINT AS work_ms
     FROM ${await pictureSource(db, 'missions', at)} WHERE NOT ${IS_OPEN} ${these} GROUP BY ALL ORDER BY ALL`,
    convoyIds ? { convoys: convoyIds.join('\u0001') } : {},
  )
}

export interface MissionEventRow extends MissionRow {
  readonly event_at: string
}

/** What one mission went through, oldest first. */
export const missionHistory = (
  db: Db,
  question: At & { readonly missionId: string; readonly limit?: number },
): Promise<MissionEventRow[]> =>
  db.rows<MissionEventRow>(
    `SELECT event_at, ${names(Object.keys(MissionRow.shape))} FROM mission_events
     WHERE mission_id = $mission ${question.at ? `AND event_at <= ${time(question.at)}` : ''}
     ORDER BY event_at, attempts, rowid LIMIT ${Math.trunc(question.limit ?? 500)}`,
    { mission: question.missionId },
  )

/** Steps of all missions since a moment, oldest first. Asked every other second: nothing is read while none was written. */
export const missionSteps = async (db: Db, since: Date): Promise<MissionEventRow[]> => {
  const last = 'SELECT max(event_at) AS last_at FROM mission_events'
  const [row] = await remembered<{ last_at: string | null }>(db, ['missions'], last)
  if (row?.last_at == null || Date.parse(row.last_at) < since.getTime()) return []
  return db.rows<MissionEventRow>(
    `SELECT event_at, ${names(Object.keys(MissionRow.shape))} FROM mission_events
     WHERE event_at >= ${time(since)} ORDER BY event_at, seq, rowid LIMIT 10000`,
  )
}

/** What was written about one mission, oldest first. */
export const missionTexts = (db: Db, question: At & { readonly missionId: string }): Promise<MissionTextRow[]> =>
  db.rows<MissionTextRow>(
    `SELECT ${names(Object.keys(MissionTextRow.shape))} FROM mission_texts
     WHERE mission_id = $mission ${question.at ? `AND ts <= ${time(question.at)}` : ''} ORDER BY ts, attempt, kind`,
    { mission: question.missionId },
  )

/** Every batch, the newest first. */
export const missionConvoys = (db: Db, question: At = {}): Promise<MissionConvoyRow[]> =>
  picture(db, 'mission_convoys', MissionConvoyRow, { ...question, orderBy: 'seq DESC' })

export interface ConvoyQuestion extends At {
  /** These are told however many there are. */
  readonly always: readonly string[]
  /** Of the others so many, the newest. */
  readonly limit: number
}

/** Some batches, the newest first, and how many there are. */
export const convoysLately = async (
  db: Db,
  { at, always, limit }: ConvoyQuestion,
): Promise<{ readonly rows: readonly MissionConvoyRow[]; readonly total: number }> => {
  const named = 'list_contains(string_split($always, chr(1)), convoy_id)'
  const rows = await picture<MissionConvoyRow>(db, 'mission_convoys', MissionConvoyRow, {
    at,
    where: `true QUALIFY ${named} OR row_number() OVER (PARTITION BY ${named} ORDER BY seq DESC) <= ${Math.trunc(limit)}`,
    params: { always: always.join('\u0001') },
    orderBy: 'seq DESC',
  })
  const count = (from: string): string => `SELECT count(*)::INTEGER AS n FROM ${from}`
  const [counted] = await overPicture<{ n: number }>(db, 'mission_convoys', at, count)
  return { rows, total: counted?.n ?? 0 }
}

/** Worktrees that vc made, removed ones only when asked for; the newest first. */
export const worktrees = (
  db: Db,
  question: At & { readonly machineId?: string | undefined; readonly removed?: boolean } = {},
): Promise<WorktreeRow[]> =>
  picture(db, 'worktrees', WorktreeRow, {
    at: question.at,
    where: `($machine IS NULL OR machine_id = $machine) ${question.removed ? '' : "AND status <> 'removed'"}`,
    params: { machine: question.machineId ?? null },
    orderBy: 'created_at DESC, machine_id, path',
  })
