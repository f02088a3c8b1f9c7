import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, clock, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { money, tokens, UNKNOWN } from '../../view/numbers.ts'
import type { AgentsModel, Explained } from './model.ts'

type Turn = Explained['turns'][number]

const columnsAt = (now: Date): readonly Column<Turn>[] => [
  { head: 'AT', of: (one) => span(clock(one.at), 'muted'), keep: 1000 },
  { head: 'AGO', align: 'right', of: (one) => ageWords(secondsSince(one.at, now)), least: 5, keep: 90 },
  { head: 'MODEL', of: (one) => one.model ?? span(UNKNOWN, 'unknown'), least: 8, most: 24, keep: 60 },
  { head: 'IN', align: 'right', of: (one) => tokens(one.input_tokens), least: 5, keep: 70 },
  { head: 'OUT', align: 'right', of: (one) => tokens(one.output_tokens), least: 5, keep: 95 },
  { head: 'CACHED', align: 'right', of: (one) => span(tokens(one.cache_read_tokens), 'muted'), keep: 50 },
  { head: 'COST', align: 'right', of: (one) => (one.cost_microusd === null ? span('unpriced', 'warn') : money(one.cost_microusd)), least: 6, keep: 80 },
  { head: ' ', of: (one) => span(one.subagent ? 'sub-agent' : '', 'muted'), keep: 30 },
] // biome-ignore format: a table

const wordsOf = ({ selected }: AgentsModel): { readonly why: string; readonly fill: string } =>
  selected === null
    ? { why: 'No agent is chosen.', fill: 'Choose one in the list with j and k.' }
    : {
        why: selected.session === null ? 'Its session is not known.' : 'Its transcript holds no reply of its last day.',
        fill: 'Turns come from the transcript, as figures; e reads its last words from the machine.',
      }

/** The replies of its model as figures, newest first; words stay in the transcript, `e` reads them. */
export const turnsPanel = (model: AgentsModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = model.selected === null ? view.answers.agents : view.answers.explain
  const turns = model.explained?.turns ?? []
  const table = columns(turns, columnsAt(view.at ?? view.now), innerWidth(at))
  return {
    kind: 'list',
    id: 'turns',
    title: 'Turns of its transcript',
    at,
    ...standing(answer),
    empty: emptyWords(answer, wordsOf(model)),
    head: table.head,
    rows: listRows(turns, (one) => `${one.at} ${turns.indexOf(one)}`, table),
  }
}
