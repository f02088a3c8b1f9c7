import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { letterDetail, lettersPanel, projectsPanel, reservationsPanel } from './mail/letters.ts'
import { type MailModel, mailAsks, mailModel } from './mail/model.ts'

const WIDE = 110

const panels = (model: MailModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const below = Math.max(6, Math.floor(size.rows / 3))
  const [top = area, bottom = area] = stack(area, { part: 1, least: 8 }, below)
  if (size.columns >= WIDE) {
    const [left = bottom, right = bottom] = beside(bottom, { part: 1 }, { part: 1 })
    return [lettersPanel(model, top, view), projectsPanel(model, left, view), reservationsPanel(model, right, view)]
  }
  // One of the two below: `v` changes which.
  const second = view.options['mail.below'] === 'reservations' ? reservationsPanel : projectsPanel
  return [lettersPanel(model, top, view), second(model, bottom, view)]
}

/** What agents write to one another: what is unread, what waits for an acknowledgement, which files are reserved. */
export const mail = defineScreen<MailModel>({
  id: 'mail',
  key: '7',
  title: 'Mail',
  about: 'Mail between agents: what waits for an acknowledgement, what is unread, and which files are reserved.',
  asks: mailAsks,
  model: mailModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'projects or reserved files below (narrow screens)',
      act: (_model, view) => ({
        wish: 'option',
        name: 'mail.below',
        value: view.options['mail.below'] === 'reservations' ? 'projects' : 'reservations',
      }),
    },
  ],
  open: (panel, row, model) => {
    if (panel !== 'letters') return null
    const one = model.letters.find(({ key }) => key === row)
    return one === undefined ? null : letterDetail(one)
  },
})
