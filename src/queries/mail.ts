import { z } from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { leftMachines, where } from './fleet-rows.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime } from './shapes.ts'
import { sourceAges } from './source-ages.ts'

/** An acknowledgement asked for and older than this is late. */
const ACK_LATE_MS = 3_600_000

const place = { machine: z.string(), project: z.string().nullable().describe('slug, as Agent Mail names it') }

const projectLine = z.object({
  ...place,
  database: z.string(),
  messages: count.describe('sent in the span asked about'),
  unread: count.describe('pairs of message and recipient, retired recipients left out'),
  urgent_unread: count.describe('of high or urgent importance'),
  ack_pending: count,
  ack_overdue: count.describe('asked for more than an hour ago'),
  oldest_ack_pending: isoTime.nullable(),
  reservations: count.describe('files reserved and not yet run out'),
})

const messageLine = z.object({
  ...place,
  message: z.string().describe('id, unique in its database only'),
  thread: z.string().nullable(),
  from: z.string().nullable(),
  importance: z.string().nullable(),
  ack_required: z.boolean().nullable(),
  created: isoTime,
  subject: z.string().nullable(),
  body_bytes: count.nullable().describe('the body itself is not stored'),
  recipients: count.nullable(),
  unread_by: z.array(z.string()),
  unacked_by: z.array(z.string()),
})

const reservationLine = z.object({
  ...place,
  path: z.string().nullable(),
  holder: z.string().nullable(),
  exclusive: z.boolean().nullable(),
  reason: z.string().nullable(),
  since: isoTime.nullable(),
  expires: isoTime.nullable(),
})

type Recipient = Awaited<ReturnType<typeof read.openMail>>[number]
type Message = Awaited<ReturnType<typeof read.mailMessages>>[number]
type Reservation = Awaited<ReturnType<typeof read.mailReservations>>[number]

interface Post {
  readonly messages: readonly Message[]
  readonly open: readonly Recipient[]
  readonly reservations: readonly Reservation[]
  /** Somebody looks at the machine it is on: what waits there waits now. A message tells of its time, wherever it was. */
  isLooked(row: { readonly machine_id: string }): boolean
}

const messageKey = (machine: string, database: string, id: string, created: string): string =>
  [machine, database, id, created].join('\u0001')

const readPost = async (ctx: QueryContext, at: Date | null, since: Date, machineId?: string): Promise<Post> => {
  const question = where(at, machineId)
  const [messages, open, reservations, left] = await Promise.all([
    read.mailMessages(ctx.db, { since, until: at ?? undefined, machineId, limit: 20_000 }),
    read.openMail(ctx.db, question),
    read.mailReservations(ctx.db, question),
    leftMachines(ctx, at, machineId),
  ])
  const isLooked = ({ machine_id: id }: { readonly machine_id: string }): boolean => !left.has(id)
  const moment = (at ?? ctx.now).toISOString()
  return {
    messages,
    open,
    reservations: reservations.filter((one) => isLooked(one) && (one.expires_at === null || one.expires_at > moment)),
    isLooked,
  }
}

const recipientKey = (one: Recipient): string =>
  messageKey(one.machine_id, one.database_path, one.message_id, one.message_created_at)

const isUrgent = (one: Recipient): boolean => one.importance === 'high' || one.importance === 'urgent'
const isUnread = (one: Recipient): boolean => one.read_at === null
const isUnacked = (one: Recipient): boolean => one.ack_required === true && one.ack_at === null

const projectLines = (post: Post, moment: Date) => {
  const open = post.open.filter((one) => one.retired_at === null && post.isLooked(one))
  const keyOf = (machine: string, database: string, project: string | null): string =>
    [machine, database, project ?? ''].join('\u0001')
  const all = new Map<string, { messages: Message[]; open: Recipient[]; reservations: Reservation[] }>()
  const at = (key: string) => {
    const found = all.get(key) ?? { messages: [], open: [], reservations: [] }
    all.set(key, found)
    return found
  }
  for (const one of post.messages.filter(post.isLooked))
    at(keyOf(one.machine_id, one.database_path, one.project_id)).messages.push(one)
  for (const one of open) at(keyOf(one.machine_id, one.database_path, one.project_id)).open.push(one)
  for (const one of post.reservations)
    at(keyOf(one.machine_id, one.database_path, one.project_id)).reservations.push(one)
  return [...all].map(([key, group]) => {
    const [machine = '', database = '', project = ''] = key.split('\u0001')
    const unacked = group.open.filter(isUnacked)
    return {
      machine,
      project: project === '' ? null : project,
      database,
      messages: group.messages.length,
      unread: group.open.filter(isUnread).length,
      urgent_unread: group.open.filter((one) => isUnread(one) && isUrgent(one)).length,
      ack_pending: unacked.length,
      ack_overdue: unacked.filter((one) => moment.getTime() - Date.parse(one.message_created_at) > ACK_LATE_MS).length,
      oldest_ack_pending: unacked.map((one) => one.message_created_at).sort()[0] ?? null,
      reservations: group.reservations.length,
    }
  })
}

const messageLines = (messages: readonly Message[], open: readonly Recipient[]) => {
  const byMessage = Map.groupBy(open, recipientKey)
  return messages.map((one) => {
    const mine = byMessage.get(messageKey(one.machine_id, one.database_path, one.message_id, one.created_at)) ?? []
    return {
      machine: one.machine_id,
      project: one.project_id,
      message: one.message_id,
      thread: one.thread_id,
      from: one.sender,
      importance: one.importance,
      ack_required: one.ack_required,
      created: one.created_at,
      subject: one.subject,
      body_bytes: one.body_bytes,
      recipients: one.recipients,
      unread_by: mine.filter(isUnread).map((recipient) => recipient.recipient),
      unacked_by: mine.filter(isUnacked).map((recipient) => recipient.recipient),
    }
  })
}

/** Who wrote to whom, who has not read or acknowledged it, and which files are reserved. */
export const mail = defineQuery({
  name: 'mail',
  version: 1,
  summary: 'Mail between agents: what is unread, what waits for an acknowledgement, which files are reserved',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    project: z.string().optional().describe('only this project, by its slug'),
    since: z.string().default('24h').describe('messages since then: age or ISO time'),
    limit: z.coerce.number().int().min(0).max(1000).default(50).describe('most messages listed'),
  }),
  data: z.object({
    projects: z.array(projectLine),
    messages: z.array(messageLine),
    reservations: z.array(reservationLine),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const post = await readPost(ctx, at, parseMoment(params.since, at ?? ctx.now), params.machine)
    const wanted = <Line extends { readonly project: string | null }>(line: Line): boolean =>
      params.project === undefined || line.project === params.project
    const lines = projectLines(post, at ?? ctx.now).filter(wanted)
    const ages = await sourceAges(ctx, at, ['agent_mail'], params.machine)
    return {
      data: {
        projects: lines.sort(
          (a, b) => b.ack_overdue - a.ack_overdue || b.urgent_unread - a.urgent_unread || b.unread - a.unread,
        ),
        messages: messageLines(post.messages, post.open).filter(wanted).slice(0, params.limit),
        reservations: post.reservations
          .map((one) => ({
            machine: one.machine_id,
            project: one.project_id,
            path: one.path_pattern,
            holder: one.holder,
            exclusive: one.exclusive,
            reason: one.reason,
            since: one.created_at,
            expires: one.expires_at,
          }))
          .filter(wanted),
      },
      staleness: ages.staleness,
      warnings: ages.warnings,
    }
  },
})
