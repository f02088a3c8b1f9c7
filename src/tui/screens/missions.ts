import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { type MissionsModel, missionsAsks, missionsModel, wantsEnded } from './missions/model.ts'
import { convoysPanel, missionPanel, queuePanel, worktreesPanel } from './missions/queue.ts'

const WIDE = 120

const panels = (model: MissionsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [top = area, bottom = area] = stack(area, { part: 3, least: 8 }, { part: 2, least: 7 })
  if (size.columns < WIDE) return [queuePanel(model, top, view), missionPanel(model, bottom, view)]
  const [left = bottom, right = bottom] = beside(bottom, { part: 1 }, { part: 1 })
  const [convoys = right, worktrees = right] = stack(right, { part: 1 }, { part: 1 })
  return [
    queuePanel(model, top, view),
    missionPanel(model, left, view),
    convoysPanel(model, convoys, view),
    worktreesPanel(model, worktrees, view),
  ]
}

const none = (model: MissionsModel, view: ScreenView): string | null =>
  view.at !== null
    ? 'the past is replayed: nothing can be done there'
    : model.chosen === null
      ? 'no mission is chosen'
      : null

/** The queue of work that vc hands out, and what became of it. */
export const missions = defineScreen<MissionsModel>({
  id: 'missions',
  key: 'm',
  title: 'Missions',
  about: 'The queue of missions with who holds them and why others wait; convoys and worktrees.',
  asks: missionsAsks,
  model: missionsModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'ended ones too, or not',
      act: (_model, view) => ({ wish: 'option', name: 'missions.all', value: wantsEnded(view) ? 'no' : 'yes' }),
    },
    {
      keys: ['+'],
      says: 'add a mission',
      blockedBy: (_model, view) => (view.at === null ? null : 'the past is replayed: nothing can be done there'),
      act: () => ({
        wish: 'prompt',
        title: 'What is to be done, in a line',
        // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
        then: (line) =>
          line.trim() === ''
            ? { wish: 'detail', title: 'No mission', text: 'Nothing was added: the line is empty.' }
            : { wish: 'run', argv: ['mission', 'add', '--', line.trim()], title: 'Add a mission' },
      }),
    },
    {
      keys: ['x'],
      says: 'cancel it (why)',
      blockedBy: (model, view) =>
        none(model, view) ?? (model.chosen?.finished_at === null ? null : 'it has ended already'),
      act: ({ chosen }) =>
        chosen && {
          wish: 'prompt',
          title: `Why is ${chosen.mission} cancelled`,
          // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
          then: (line) => ({
            wish: 'run',
            argv: ['mission', 'cancel', chosen.mission, ...(line.trim() === '' ? [] : ['--reason', line.trim()])],
            title: 'Cancel the mission',
          }),
        },
    },
    {
      keys: ['u'],
      says: 'try it again',
      blockedBy: (model, view) =>
        none(model, view) ??
        (model.chosen?.standing === 'failed' || model.chosen?.standing === 'cancelled' ? null : 'it has not failed'),
      act: ({ chosen }) => chosen && { wish: 'run', argv: ['mission', 'retry', chosen.mission], title: 'Try it again' },
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'worktrees') return { wish: 'go', screen: 'machine', chosen: { machines: row.split(' ')[0] ?? row } }
    const held = panel === 'missions' ? model.missions.find(({ mission }) => mission === row)?.claimed_by : null
    return held?.includes('/') ? { wish: 'go', screen: 'agents', chosen: { agents: held } } : null
  },
})
