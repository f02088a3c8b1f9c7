import type { LivePanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords } from '../../view/answer-notes.ts'
import { clip } from '../../view/cell.ts'
import { span } from '../../view/line.ts'
import { signOf } from '../../view/state-sign.ts'
import type { AgentsModel } from './model.ts'

/** Why there is no live screen of an agent; null when there can be one. */
export const noLive = ({ selected }: AgentsModel, view: ScreenView): string | null => {
  if (selected === null) return 'no agent is chosen'
  if (view.at !== null) return 'the past has no live screen'
  if (selected.ended !== null || selected.state === 'dead') return 'it has ended'
  return selected.pane === null ? 'it runs in no terminal that vc can read (no tmux pane)' : null
}

/** The tail of the session of the selected agent, read-only until it has the focus. */
export const livePanel = (model: AgentsModel, at: Rect, view: ScreenView): LivePanel | TextPanel => {
  const { selected } = model
  const why = noLive(model, view)
  const title = selected === null ? 'Session' : `${signOf(selected.state).sign} ${clip(selected.agent, 40)}`
  if (selected !== null && why === null)
    return {
      kind: 'live',
      id: 'live',
      title,
      at,
      agentId: selected.agent,
      note: [span(signOf(selected.state).words, signOf(selected.state).tone)],
    }
  return {
    kind: 'text',
    id: 'live',
    title,
    at,
    empty: emptyWords(view.answers.agents, {
      why: `No live screen: ${why}.`,
      fill:
        selected === null
          ? 'Choose an agent in the list.'
          : 'Agents in tmux show their screen here; e looks at this one now.',
    }),
    lines: [],
  }
}
