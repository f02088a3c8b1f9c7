import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { aged } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { span } from '../../view/line.ts'
import { UNKNOWN } from '../../view/numbers.ts'
import { STATE_SIGNS, signOf, stateSign } from '../../view/state-sign.ts'
import { emptyHere, type Machine, type MachineModel } from './model.ts'

type Agent = Machine['agents'][number]

const order = Object.keys(STATE_SIGNS)
const byNeed = (a: Agent, b: Agent): number =>
  order.indexOf(a.state) - order.indexOf(b.state) || a.agent.localeCompare(b.agent)

const columnsAt = (now: Date, old: boolean): readonly Column<Agent>[] => [
  { head: ' ', of: (one) => aged(stateSign(one.state), old), keep: 1000 },
  { head: 'AGENT', of: (one) => span(one.agent.slice(one.agent.indexOf('/') + 1), 'strong'), least: 14, most: 24, keep: 1000 },
  { head: 'STATE', of: (one) => aged(span(signOf(one.state).words, signOf(one.state).tone), old), least: 14, keep: 95 },
  { head: 'FOR', align: 'right', of: (one) => (one.since === null ? span(UNKNOWN, 'unknown') : ageWords(secondsSince(one.since, now))), least: 5, keep: 90 },
  { head: 'WHY', of: (one) => span(one.reason ?? '', 'muted'), least: 8, keep: 50 },
  { head: 'WHERE', of: (one) => span(one.cwd ?? UNKNOWN, 'muted'), least: 8, keep: 60 },
] // biome-ignore format: a table

/** The agents of one machine, who needs a person first. */
export const agentsPanel = (model: MachineModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.machine
  const rows = [...(model.machine?.agents ?? [])].sort(byNeed)
  const old = model.machine?.machine.stale === true
  const { head, lines } = columns(rows, columnsAt(view.at ?? view.now, old), innerWidth(at))
  const stand = standing(answer)
  return {
    kind: 'list',
    id: 'agents',
    title: 'Agents',
    at,
    ...stand,
    note:
      old && model.machine?.machine.age_s !== null
        ? [span(`as of ${ageWords(model.machine?.machine.age_s ?? null)} ago`, 'stale')]
        : stand.note,
    empty: emptyWords(
      answer,
      emptyHere(model, {
        why: 'No agent runs there, as far as vc sees.',
        fill: 'Claude Code, Codex, Gemini CLI and OpenCode show up by themselves once they run.',
      }),
    ),
    head,
    rows: rows.map((one, index) => ({ id: one.agent, line: lines[index] ?? [] })),
  }
}
