import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { agentKeys } from './agents/answer.ts'
import { evidencePanel } from './agents/evidence.ts'
import { agentsList } from './agents/list.ts'
import { livePanel } from './agents/live.ts'
import { type AgentsModel, agentsAsks, agentsModel, SORTS, type Sort, sortOf } from './agents/model.ts'
import { turnsPanel } from './agents/turns.ts'

const WIDE = 110

/** On a narrow terminal one of these at a time. */
const PARTS = ['live', 'evidence', 'turns'] as const
type Part = (typeof PARTS)[number]

const partOf = (view: ScreenView): Part => PARTS.find((part) => part === view.options.part) ?? 'live'
const next = <Value>(all: readonly Value[], now: Value): Value => all[(all.indexOf(now) + 1) % all.length] ?? now

const wide = (model: AgentsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [left, right] = beside(area, { part: 10 }, { part: 11 })
  const [list, turns] = stack(left ?? area, { part: 3 }, { part: 2, least: 6 })
  const [live, evidence] = stack(right ?? area, { part: 3 }, { part: 2, least: 8 })
  return [
    agentsList(model, list ?? area, view),
    livePanel(model, live ?? area, view),
    evidencePanel(model, evidence ?? area, view),
    turnsPanel(model, turns ?? area, view),
  ]
}

const narrow = (model: AgentsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [list, rest] = stack(area, { part: 2, least: 6 }, { part: 3 })
  const part = partOf(view)
  const show = { live: livePanel, evidence: evidencePanel, turns: turnsPanel }[part]
  const panel = show(model, rest ?? area, view)
  return [
    agentsList(model, list ?? area, view),
    { ...panel, title: `${panel.title} (${PARTS.indexOf(part) + 1} of ${PARTS.length}, Space: next)` },
  ]
}

/** Every agent, and of the chosen one its session, the evidence for its state and the turns of its transcript. */
export const agents = defineScreen<AgentsModel>({
  id: 'agents',
  key: '3',
  title: 'Agents',
  about:
    'Every agent with its state; of the chosen one the live session, the evidence for the state and the turns of its transcript.',
  asks: agentsAsks,
  model: agentsModel,
  panels: (model, size, view) => (size.columns >= WIDE ? wide(model, size, view) : narrow(model, size, view)),
  keys: [
    ...agentKeys,
    {
      keys: ['o'],
      says: 'sort by need, by name, longest first',
      act: (_, view) => ({ wish: 'option', name: 'sort', value: next(Object.keys(SORTS) as Sort[], sortOf(view)) }),
    },
    {
      keys: ['space'],
      says: 'next part, where one fits at a time',
      act: (_, view) => ({ wish: 'option', name: 'part', value: next(PARTS, partOf(view)) }),
    },
  ],
  open: (panel, row, model) => {
    const machine = model.agents.find((one) => one.agent === row)?.machine
    return panel === 'agents' && machine !== undefined
      ? { wish: 'go', screen: 'machine', chosen: { machines: machine } }
      : null
  },
})
