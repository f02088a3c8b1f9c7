import { mayWaitAlike } from '../../commands/agent-act/same-dialog.ts'
import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenKey, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { chosenRow } from '../view/chosen-row.ts'
import { after } from './events/model.ts'
import { type GuardianModel, guardianAsks, guardianModel, OUTCOMES, outcomeOf } from './guardian/model.ts'
import { actionDetail, historyPanel, modesPanel, pendingPanel } from './guardian/panels.ts'

const WIDE = 120

const panels = (model: GuardianModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  if (size.columns >= WIDE) {
    const [top = area, history = area] = stack(area, { part: 2, least: 7 }, { part: 3, least: 7 })
    const [pending = top, modes = top] = beside(top, { part: 1 }, { part: 1 })
    return [pendingPanel(model, pending, view), modesPanel(model, modes, view), historyPanel(model, history, view)]
  }
  const [pending = area, modes = area, history = area] = stack(
    area,
    { part: 3, least: 5 },
    { part: 2, least: 4 },
    { part: 4, least: 6 },
  )
  return [pendingPanel(model, pending, view), modesPanel(model, modes, view), historyPanel(model, history, view)]
}

const chosen = (model: GuardianModel, view: ScreenView): string | null =>
  chosenRow(
    view,
    'pending',
    model.waiting.map(({ agent }) => agent),
  )

const noOne = (model: GuardianModel, view: ScreenView): string | null =>
  view.at !== null
    ? 'the past is replayed: nothing can be done there'
    : chosen(model, view) === null
      ? 'nobody waits for you'
      : null

const answer = (key: string, verb: 'approve' | 'reject', says: string): ScreenKey<GuardianModel> => ({
  keys: [key],
  says,
  blockedBy: noOne,
  act: (model, view) => {
    const agent = chosen(model, view)
    return agent === null ? null : { wish: 'run', argv: ['agent', verb, agent], title: says }
  },
})

const waitsAlike = (model: GuardianModel, view: ScreenView): boolean => {
  const one = model.waiting.find(({ agent }) => agent === chosen(model, view))
  return one !== undefined && mayWaitAlike(one, model.waiting).length > 0
}

/** What waits for a person, what vc does by itself, and what was done. */
export const guardian = defineScreen<GuardianModel>({
  id: 'guardian',
  key: '0',
  title: 'Guardian',
  about: 'Agents that wait for a person, what vc keeps alive by itself, and every action with what was seen of it.',
  asks: guardianAsks,
  model: guardianModel,
  panels,
  keys: [
    answer('y', 'approve', 'approve what it asks'),
    {
      keys: ['a'],
      says: 'approve it for all that show the identical dialog',
      blockedBy: (model, view) =>
        noOne(model, view) ??
        (waitsAlike(model, view)
          ? null
          : 'no other agent of vc and of its CLI waits for an approval; y answers this one'),
      act: (model, view) => {
        const agent = chosen(model, view)
        return agent === null
          ? null
          : {
              wish: 'run',
              argv: ['agent', 'approve', agent, '--same'],
              title: `Approve ${agent} and all that ask the same`,
            }
      },
    },
    answer('n', 'reject', 'reject what it asks'),
    {
      keys: ['s'],
      says: 'all, refused, not known, verified',
      act: (_model, view) => ({ wish: 'option', name: 'guardian.outcome', value: after(OUTCOMES, outcomeOf(view)) }),
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'pending') return { wish: 'go', screen: 'agents', chosen: { agents: row } }
    const one = model.actions.find(({ audit }) => audit === row)
    return one === undefined ? null : actionDetail(one)
  },
})
