import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { chosenRow } from '../../view/chosen-row.ts'
import { type Column, columns } from '../../view/columns.ts'
import { span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { type Advice, isUnseen, type OverviewModel } from './model.ts'

const COLUMNS: readonly Column<Advice>[] = [
  { head: '#', align: 'right', of: (one) => span(String(one.priority), one.priority <= 3 ? 'bad' : 'warn'), keep: 90 },
  { head: 'WHAT', of: (one) => one.title, least: 24, keep: 1000 },
  { head: 'WHAT TO DO', of: (one) => span(one.action, 'info'), least: 16, keep: 50 },
] // biome-ignore format: a table

const nothingWords = ({ everyMachine }: OverviewModel) => {
  const unseen = everyMachine.filter(isUnseen).length
  return {
    why:
      unseen === 0
        ? 'Nothing needs you.'
        : `Nothing needs you yet: the first look at ${unseen} of ${everyMachine.length} goes on.`,
    fill: 'Alerts, waiting agents, limits in sight and failing sources come here.',
  }
}

/** What to do next, worst first. */
export const triagePanel = (model: OverviewModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.triage
  const table = columns(model.advice, COLUMNS, innerWidth(at))
  return {
    kind: 'list',
    id: 'triage',
    title: 'Worst things first',
    at,
    ...standing(answer),
    empty: emptyWords(answer, hiddenWords(model.allAdvice, 'things to do') ?? nothingWords(model)),
    head: table.head,
    rows: listRows(model.advice, (one) => one.id, table),
  }
}

export const chosenAdvice = (model: OverviewModel, view: ScreenView): Advice | null => {
  const id = chosenRow(
    view,
    'triage',
    model.advice.map((one) => one.id),
  )
  return model.advice.find((one) => one.id === id) ?? null
}

const detail = (one: Advice): Wish => ({
  wish: 'detail',
  title: one.title,
  text: [one.description, `do: ${one.action}`, ...(one.command === null ? [] : [`with: ${one.command}`])].join('\n\n'),
})

/** Where one advice leads: its agent, its machine, or the words behind it. */
export const openAdvice = (one: Advice): Wish => {
  const [kind, id = ''] = [one.scope.slice(0, one.scope.indexOf(':')), one.scope.slice(one.scope.indexOf(':') + 1)]
  if (kind === 'agent') return { wish: 'go', screen: 'agents', chosen: { agents: id } }
  if (kind === 'machine') return { wish: 'go', screen: 'machine', chosen: { machines: id } }
  if (one.id.startsWith('account_') || one.id.startsWith('limit')) return { wish: 'go', screen: 'accounts' }
  return detail(one)
}
