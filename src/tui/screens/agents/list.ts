import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince, untilWords } from '../../view/age.ts'
import { aged, agedAll } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { isOldAnswer } from '../../view/lying.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { tokens, UNKNOWN } from '../../view/numbers.ts'
import { signOf, stateCounts, stateSign } from '../../view/state-sign.ts'
import { type AgentLine, type AgentsModel, sortOf } from './model.ts'

/** A verdict that nobody renewed for this long says so: what was working then may be dead now. */
const OLD_VERDICT_S = 300

const isOld = (one: AgentLine): boolean => one.judged_age_s === null || one.judged_age_s > OLD_VERDICT_S

const state = (one: AgentLine, now: Date): Line => {
  const { words, tone } = signOf(one.state)
  const until = one.until === null ? '' : ` ${untilWords(Date.parse(one.until), now.getTime())}`
  return [
    span(words, isOld(one) ? 'stale' : tone),
    span(until, 'muted'),
    ...(isOld(one)
      ? [span(` (${one.judged_age_s === null ? 'not judged' : `${ageWords(one.judged_age_s)} old`})`, 'stale')]
      : []),
  ]
}

const since = (one: AgentLine, now: Date): Span =>
  one.since === null ? span(UNKNOWN, 'unknown') : span(ageWords(secondsSince(one.since, now)))

const kindSign = (one: AgentLine): Span =>
  one.kind === 'managed'
    ? span('managed', 'accent')
    : one.kind === 'adopted'
      ? span('adopted', 'accent')
      : span('observed', 'muted')

const columnsOf = (model: AgentsModel, now: Date, old: boolean): readonly Column<AgentLine>[] => [
  { head: ' ', of: (one) => aged(stateSign(one.state), old || isOld(one)), keep: 1000 },
  { head: 'AGENT', of: (one) => span(one.agent, 'strong'), least: 19, most: 28, keep: 1000 },
  { head: 'STATE', of: (one) => agedAll(state(one, now), old), least: 14, keep: 95 },
  { head: 'FOR', align: 'right', of: (one) => since(one, now), least: 5, keep: 90 },
  { head: 'WHY', of: (one) => span(one.reason ?? '', 'muted'), least: 10, most: 40, keep: 45 },
  { head: 'WHERE', of: (one) => span(one.cwd ?? UNKNOWN, 'muted'), least: 12, most: 40, keep: 60 },
  { head: 'TODAY', align: 'right', of: (one) => tokens(model.tokensOf.get(one.agent)), least: 5, keep: 40 },
  { head: 'ROLE', of: (one) => span([one.role, one.rig].filter((word) => word !== null).join(' '), 'muted'), most: 16, keep: 20 },
  { head: 'KIND', of: kindSign, least: 8, keep: 50 },
] // biome-ignore format: a table

const countsOf = (rows: readonly AgentLine[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const one of rows) counts[one.state] = (counts[one.state] ?? 0) + 1
  return counts
}

const SORTED = { need: '', name: ' by name', longest: ' longest first' } as const

/** Every agent, who needs a person first. */
export const agentsList = (model: AgentsModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.agents
  const rows = model.agents
  const used = columnsOf(model, view.at ?? view.now, isOldAnswer(answer)).filter(
    ({ head }) =>
      (head !== 'ROLE' || rows.some((one) => one.role !== null || one.rig !== null)) &&
      (head !== 'KIND' || rows.some((one) => one.kind !== 'observed')),
  )
  const table = columns(rows, used, innerWidth(at))
  const stand = standing(answer)
  return {
    kind: 'list',
    id: 'agents',
    title: `Agents${SORTED[sortOf(view)]}`,
    at,
    ...stand,
    note: stand.note.length > 0 || rows.length === 0 ? stand.note : stateCounts(countsOf(rows)),
    empty: emptyWords(
      answer,
      hiddenWords(model.allAgents, 'agents') ?? {
        why: 'No agent has been seen.',
        fill: 'Start Claude Code, Codex, Gemini CLI or OpenCode on a watched machine; vc doctor says what vc cannot see.',
      },
    ),
    head: table.head,
    rows: listRows(rows, (one) => one.agent, table),
  }
}
