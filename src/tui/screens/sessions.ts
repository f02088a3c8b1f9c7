import { defineScreen, type ScreenView, type Wish } from '../screen.ts'
import { stack, whole } from '../view/arrange.ts'
import { sessionDetail } from './sessions/detail.ts'
import { sessionsList } from './sessions/list.ts'
import { type SessionSeen, type SessionsModel, sessionsAsks, sessionsModel } from './sessions/model.ts'

const toAgent = (one: SessionSeen | null): Wish | null =>
  one?.agent == null ? null : { wish: 'go', screen: 'agents', chosen: { agents: one.agent.agent } }

const noAgent = ({ selected }: SessionsModel): string | null =>
  selected === null ? 'no session is chosen' : selected.agent === null ? 'nobody is in this session' : null

const noPast = (_: SessionsModel, view: ScreenView): string | null =>
  view.at === null ? null : 'what agents wrote is searched as it is now'

/** The sessions of the agent CLIs, with who sits in them and what they used. */
export const sessions = defineScreen<SessionsModel>({
  id: 'sessions',
  key: 's',
  title: 'Sessions',
  about: 'Sessions of the agent CLIs, newest activity first: where, model, context, what they used, who sits in them.',
  asks: sessionsAsks,
  model: sessionsModel,
  panels(model, size, view) {
    const area = whole(size)
    const [list, detail] = stack(area, { part: 1, least: 6 }, size.rows >= 20 ? 12 : 7)
    return [sessionsList(model, list ?? area, view), sessionDetail(model, detail ?? area, view)]
  },
  keys: [
    { keys: ['a'], says: 'the agent that is in it', blockedBy: noAgent, act: ({ selected }) => toAgent(selected) },
    {
      keys: ['c'],
      says: 'search what agents wrote',
      blockedBy: noPast,
      act: () => ({
        wish: 'prompt',
        title: 'Search in sessions',
        // biome-ignore lint/suspicious/noThenProperty: the name of the seam; nobody awaits a wish
        then: (line) => ({ wish: 'run', argv: ['search', '--content', '--', line], title: `Search: ${line}` }),
      }),
    },
  ],
  open: (panel, row, model) =>
    panel === 'sessions' ? toAgent(model.rows.find((one) => one.session.session === row) ?? null) : null,
})
