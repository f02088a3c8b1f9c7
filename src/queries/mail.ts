import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { leftMachines, where } from './fleet-rows.ts'
import { atParam, limitParam, momentOf, parseMoment } from './params.ts'
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

const totalsLine = z.object({
  projects: count,
  messages: count.describe('sent in the span asked about'),
  unread: count,
  urgent_unread: count,
  ack_pending: count,
  ack_overdue: count,
  reservations: count,
})

type Message = read.MailMessageRow
type Recipient = read.MailRecipientRow

interface Asked {
  readonly at: Date | null
  readonly since: Date
  readonly machine: string | undefined
  readonly project: string | undefined
  readonly limit: number
}

interface Post {
  readonly messages: readonly Message[]
  /** Of these messages. */
  readonly open: readonly Recipient[]
  readonly sent: readonly read.MailSentRow[]
  readonly waiting: readonly read.MailOpenRow[]
  readonly reservations: readonly read.MailReservationRow[]
}

const readPost = async (ctx: QueryContext, asked: Asked): Promise<Post> => {
  const { at, since, machine, project, limit } = asked
  const question = where(at, machine)
  const span = { since, until: at ?? undefined, machineId: machine }
  const moment = at ?? ctx.now
  const [messages, sent, waiting, reservations, left] = await Promise.all([
    read.projectMail(ctx.db, { ...span, project, limit }),
    read.mailSent(ctx.db, span),
    read.mailOpen(ctx.db, { ...question, lateBefore: new Date(moment.getTime() - ACK_LATE_MS) }),
    read.mailReservations(ctx.db, question),
    leftMachines(ctx, at, machine),
  ])
  // What waits on a machine that somebody looks at waits now. A message tells of its time, wherever it was.
  const isLooked = ({ machine_id: id }: { readonly machine_id: string }): boolean => !left.has(id)
  return {
    messages,
    open: await read.openMailOf(ctx.db, { ...question, messageIds: messages.map((one) => one.message_id) }),
    sent: sent.filter(isLooked),
    waiting: waiting.filter(isLooked),
    reservations: reservations.filter(
      (one) => isLooked(one) && (one.expires_at === null || one.expires_at > moment.toISOString()),
    ),
  }
}

const NO_MAIL = {
  ...{ messages: 0, unread: 0, urgent_unread: 0, ack_pending: 0, ack_overdue: 0 },
  ...{ oldest_ack_pending: null, reservations: 0 },
}

const projectLines = (post: Post): z.input<typeof projectLine>[] => {
  const all = new Map<string, z.input<typeof projectLine>>()
  const lineOf = (row: Omit<read.MailSentRow, 'messages'>): z.input<typeof projectLine> => {
    const [machine, database, project] = [row.machine_id, row.database_path, row.project_id || null]
    const key = [machine, database, project ?? ''].join('\u0001')
    const line = all.get(key) ?? { machine, project, database, ...NO_MAIL }
    all.set(key, line)
    return line
  }
  for (const row of post.sent) lineOf(row).messages += row.messages
  for (const row of post.waiting) {
    const { machine_id: _machine, database_path: _database, project_id: _project, ...counts } = row
    Object.assign(lineOf(row), counts)
  }
  for (const row of post.reservations) lineOf(row).reservations += 1
  return [...all.values()]
}

const totalsOf = (lines: readonly z.input<typeof projectLine>[]): z.input<typeof totalsLine> => {
  const sum = (key: keyof Omit<z.input<typeof totalsLine>, 'projects'>): number =>
    lines.reduce((all, line) => all + line[key], 0)
  return {
    projects: lines.length,
    messages: sum('messages'),
    unread: sum('unread'),
    urgent_unread: sum('urgent_unread'),
    ack_pending: sum('ack_pending'),
    ack_overdue: sum('ack_overdue'),
    reservations: sum('reservations'),
  }
}

const messageKey = (machine: string, database: string, id: string, created: string): string =>
  [machine, database, id, created].join('\u0001')

const recipientKey = (one: Recipient): string =>
  messageKey(one.machine_id, one.database_path, one.message_id, one.message_created_at)

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
      unread_by: mine.filter((to) => to.read_at === null).map((to) => to.recipient),
      unacked_by: mine.filter((to) => to.ack_required === true && to.ack_at === null).map((to) => to.recipient),
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
    limit: limitParam(50, 'most of each list'),
  }),
  data: z.object({
    totals: totalsLine.describe('of all projects asked about, before limit'),
    projects: z.array(projectLine).describe('with the most that is overdue or unread first'),
    messages: z.array(messageLine),
    reservations: z.array(reservationLine),
  }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const { machine, project, limit } = params
    const since = parseMoment(params.since, at ?? ctx.now)
    const post = await readPost(ctx, { at, since, machine, project, limit })
    const wanted = <Line extends { readonly project: string | null }>(line: Line): boolean =>
      project === undefined || line.project === project
    const lines = projectLines(post).filter(wanted)
    const ages = await sourceAges(ctx, at, ['agent_mail'], params.machine)
    return {
      data: {
        totals: totalsOf(lines),
        projects: lines
          .sort((a, b) => b.ack_overdue - a.ack_overdue || b.urgent_unread - a.urgent_unread || b.unread - a.unread)
          .slice(0, limit),
        messages: messageLines(post.messages, post.open),
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
          .filter(wanted)
          .slice(0, limit),
      },
      staleness: ages.staleness,
      warnings: ages.warnings,
    }
  },
})
