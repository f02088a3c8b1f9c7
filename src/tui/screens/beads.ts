import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView, type Wish } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { board, lanesList, standingWords } from './beads/board.ts'
import { type BeadsModel, beadsAsks, beadsModel, type Card, type Convoy, LANE_TITLES } from './beads/model.ts'
import { convoysPanel, pathsPanel } from './beads/paths.ts'

/** Narrower than this a lane holds no title. */
const BOARD = 120

const panels = (model: BeadsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const wide = size.columns >= BOARD
  const below = size.rows >= 30 ? 12 : 7
  const [top = area, bottom = area] = stack(area, { part: 1, least: 8 }, below)
  const [paths = area, convoys = area] = beside(bottom, { part: 1 }, { part: 1 })
  return [
    ...(wide ? board(model, top, view) : [lanesList(model, top, view)]),
    pathsPanel(model, paths, view),
    convoysPanel(model, convoys, view),
  ]
}

const cardDetail = (card: Card): Wish => ({
  wish: 'detail',
  title: `${card.id}: ${card.title ?? 'no title'}`,
  text: [
    `${LANE_TITLES[card.lane]}, ${standingWords(card)}${card.status === null ? '' : `; its status is ${card.status}`}`,
    `project ${card.project ?? '?'} on ${card.machine}`,
    `priority ${card.priority ?? '?'}, held by ${card.who ?? 'nobody'}, changed ${card.updated ?? 'at an unknown time'}`,
    ...(card.waitsOn.length > 0 ? [`waits on ${card.waitsOn.join(', ')}`] : []),
    ...(card.unblocks ? [`${card.unblocks} others wait on this one alone`] : []),
    ...(card.reasons.length > 0 ? [`ranked by: ${card.reasons.join('; ')}`] : []),
    'Bodies of beads are not stored: bd show, br show.',
  ].join('\n'),
})

const convoyDetail = (one: Convoy): Wish => ({
  wish: 'detail',
  title: `${one.convoy}: ${one.title ?? 'no title'}`,
  text: one.tracked
    .map((item) => `${item.id ?? '?'}  ${String(item.status ?? '?')}  ${String(item.title ?? 'no title')}`)
    .join('\n'),
})

/** Issues of the fleet as a board: what waits, who works, what is in review, what is done, and what must come first. */
export const beads = defineScreen<BeadsModel>({
  id: 'beads',
  key: '6',
  title: 'Beads',
  about: 'Issues of the fleet as a board, with what is ready or blocked, critical paths and the progress of convoys.',
  asks: beadsAsks,
  model: beadsModel,
  panels,
  keys: [
    {
      keys: ['p'],
      says: 'only one project, or all',
      act: (_model, view) =>
        view.filter.repo === null
          ? {
              wish: 'prompt',
              title: 'Project: its name, rig or path',
              // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
              then: (line) => ({
                wish: 'go',
                screen: 'beads',
                filter: { repo: line.trim() === '' ? null : line.trim() },
              }),
            }
          : { wish: 'go', screen: 'beads', filter: { repo: null } },
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'convoys') {
      const one = model.convoys.find((convoy) => `${convoy.machine} ${convoy.town} ${convoy.convoy}` === row)
      return one === undefined ? null : convoyDetail(one)
    }
    const card = model.cards.find(({ key }) => key === row)
    return card === undefined ? null : cardDetail(card)
  },
})
