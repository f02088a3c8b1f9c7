import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { chosenRow } from '../view/chosen-row.ts'
import { checkoutPanel } from './repos/checkout.ts'
import { checkoutsPanel } from './repos/checkouts.ts'
import { type Checkout, keyOf, type ReposModel, reposAsks, reposModel } from './repos/model.ts'

const WIDE = 130

const chosen = (model: ReposModel, view: ScreenView): Checkout | null => {
  const id = chosenRow(view, 'repos', model.repos.map(keyOf))
  return model.repos.find((one) => keyOf(one) === id) ?? null
}

const panels = (model: ReposModel, size: Size, view: ScreenView): readonly Panel[] => {
  const one = chosen(model, view)
  const area = whole(size)
  const [list = area, detail = area] =
    size.columns >= WIDE
      ? beside(area, { part: 5 }, { part: 3 })
      : stack(area, { part: 1, least: 8 }, size.rows >= 30 ? 13 : 7)
  return [checkoutsPanel(model, list, view), checkoutPanel(model, one, detail, view)]
}

const none = (model: ReposModel, view: ScreenView): string | null =>
  chosen(model, view) === null ? 'there is no checkout' : null

/** Checkouts where agents work: what is not committed, not pushed, not pulled, and what GitHub holds open. */
export const repos = defineScreen<ReposModel>({
  id: 'repos',
  key: '5',
  title: 'Repos',
  about: 'Checkouts on every machine, what wants attention first, and what GitHub holds open for them.',
  asks: reposAsks,
  model: reposModel,
  panels,
  keys: [
    {
      keys: ['d'],
      says: 'only what is not clean, or all',
      act: (_model, view) => ({
        wish: 'option',
        name: 'repos.only',
        value: view.options['repos.only'] === 'open' ? 'all' : 'open',
      }),
    },
    {
      keys: ['b'],
      says: 'its beads',
      blockedBy: none,
      act: (model, view) => ({ wish: 'go', screen: 'beads', filter: { repo: chosen(model, view)?.name ?? null } }),
    },
    {
      keys: ['e'],
      says: 'events that name it',
      blockedBy: none,
      act: (model, view) => ({ wish: 'go', screen: 'events', filter: { text: chosen(model, view)?.path ?? '' } }),
    },
  ],
  open: (_panel, row, model) => {
    const one = model.repos.find((candidate) => keyOf(candidate) === row)
    return one === undefined ? null : { wish: 'go', screen: 'agents', filter: { repo: one.name, machine: one.machine } }
  },
})
