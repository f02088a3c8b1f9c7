import type { agents } from '../../../queries/agents.ts'
import type { sessions } from '../../../queries/sessions.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Sessions = DataOf<typeof sessions>
type Agents = DataOf<typeof agents>
type Usage = DataOf<typeof usage>
type SessionLine = Sessions['sessions'][number]

/** A session with the agent that lives in it, where one does, and what it used. */
export interface SessionSeen {
  readonly session: SessionLine
  readonly agent: Agents['agents'][number] | null
  readonly used: Usage['groups'][number] | null
}

export interface SessionsModel {
  readonly rows: readonly SessionSeen[]
  readonly allSessions: number
  /** Sessions there are in this time, also those that are not in the answer. */
  readonly total: number
  readonly selected: SessionSeen | null
}

const MOST = 500

export const sessionsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const since = `${view.filter.hours}h`
  return [
    { as: 'sessions', topic: 'sessions', params: { since, limit: MOST }, everyMs: 5_000 },
    { as: 'agents', topic: 'agents', everyMs: 5_000 },
    { as: 'used', topic: 'usage', params: { since, by: 'session' }, everyMs: 30_000 },
  ]
}

export const sessionsModel = (view: ScreenView): SessionsModel => {
  const { filter } = view
  const said = dataOf<Sessions>(view, 'sessions')
  const agentOf = new Map(
    (dataOf<Agents>(view, 'agents')?.agents ?? []).map((one) => [`${one.machine} ${one.cli} ${one.session}`, one]),
  )
  const usedBy = new Map((dataOf<Usage>(view, 'used')?.groups ?? []).map((one) => [one.key, one]))
  const rows = (said?.sessions ?? [])
    .filter(
      (one) =>
        onMachine(filter, one.machine) &&
        (filter.provider === null || one.provider === filter.provider) &&
        (filter.repo === null || (one.cwd ?? '').includes(filter.repo)) &&
        found(filter, one.session, one.cwd, one.model, one.cli, one.git_branch, one.machine, one.last_error),
    )
    .map((session) => ({
      session,
      agent: agentOf.get(`${session.machine} ${session.cli} ${session.session}`) ?? null,
      used: usedBy.get(session.session) ?? null,
    }))
  return {
    rows,
    allSessions: said?.sessions.length ?? 0,
    total: said?.total ?? 0,
    selected: rows.find((one) => one.session.session === view.chosen.sessions) ?? rows[0] ?? null,
  }
}
