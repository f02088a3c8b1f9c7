import type { convoys } from '../../../queries/convoys.ts'
import type { mail } from '../../../queries/mail.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Mail = DataOf<typeof mail>
type Convoys = DataOf<typeof convoys>
export type MailProject = Mail['projects'][number]
export type Reservation = Mail['reservations'][number]

/** One message of either post: MCP Agent Mail, or gastown, of which only subjects are known. */
export interface Letter {
  readonly key: string
  readonly machine: string
  readonly project: string | null
  readonly by: 'agent_mail' | 'gastown'
  readonly from: string | null
  readonly to: string | null
  readonly subject: string | null
  readonly created: string
  readonly importance: string | null
  readonly thread: string | null
  readonly bodyBytes: number | null
  readonly ackRequired: boolean
  readonly unreadBy: readonly string[]
  readonly unackedBy: readonly string[]
}

export interface MailModel {
  readonly letters: readonly Letter[]
  readonly all: number
  readonly projects: readonly MailProject[]
  readonly reservations: readonly Reservation[]
  readonly now: Date
}

export const mailAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const since = `${view.filter.hours}h`
  const machine = view.filter.machine === null ? {} : { machine: view.filter.machine }
  return [
    { as: 'mail', topic: 'mail', params: { ...machine, since, limit: 500 }, everyMs: 3_000 },
    { as: 'convoys', topic: 'convoys', params: { ...machine, since, limit: 200 }, everyMs: 5_000 },
  ]
}

const agentMail = (one: Mail['messages'][number]): Letter => ({
  key: `m ${one.machine} ${one.project} ${one.message} ${one.created}`,
  machine: one.machine,
  project: one.project,
  by: 'agent_mail',
  from: one.from,
  to: one.recipients === null ? null : `${one.recipients} recipient${one.recipients === 1 ? '' : 's'}`,
  subject: one.subject,
  created: one.created,
  importance: one.importance,
  thread: one.thread,
  bodyBytes: one.body_bytes,
  ackRequired: one.ack_required === true,
  unreadBy: one.unread_by,
  unackedBy: one.unacked_by,
})

const townMail = (one: Convoys['mail'][number], index: number): Letter => ({
  key: `g ${one.machine} ${one.ts} ${one.from} ${one.to} ${index}`,
  machine: one.machine,
  project: null,
  by: 'gastown',
  from: one.from,
  to: one.to,
  subject: one.subject,
  created: one.ts,
  importance: null,
  thread: null,
  bodyBytes: null,
  ackRequired: false,
  unreadBy: [],
  unackedBy: [],
})

/** What waits for somebody first, then the newest. */
const byNeed = (a: Letter, b: Letter): number =>
  Number(b.unackedBy.length > 0) - Number(a.unackedBy.length > 0) ||
  Number(isUrgent(b) && b.unreadBy.length > 0) - Number(isUrgent(a) && a.unreadBy.length > 0) ||
  b.created.localeCompare(a.created) ||
  a.key.localeCompare(b.key)

export const isUrgent = (one: Letter): boolean => one.importance === 'high' || one.importance === 'urgent'

export const mailModel = (view: ScreenView): MailModel => {
  const data = dataOf<Mail>(view, 'mail')
  const town = dataOf<Convoys>(view, 'convoys')
  const letters = [...(data?.messages ?? []).map(agentMail), ...(town?.mail ?? []).map(townMail)]
  const ofRepo = (project: string | null): boolean =>
    view.filter.repo === null || (project?.includes(view.filter.repo) ?? false)
  return {
    all: letters.length,
    letters: letters
      .filter(
        (one) =>
          onMachine(view.filter, one.machine) &&
          ofRepo(one.project) &&
          found(view.filter, one.subject, one.from, one.to, one.project, one.thread, ...one.unreadBy),
      )
      .toSorted(byNeed),
    projects: (data?.projects ?? []).filter((one) => ofRepo(one.project)),
    reservations: (data?.reservations ?? []).filter(
      (one) => ofRepo(one.project) && found(view.filter, one.path, one.holder, one.reason),
    ),
    now: view.at ?? view.now,
  }
}
