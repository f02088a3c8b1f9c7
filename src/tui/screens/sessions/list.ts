import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import { type Column, columns } from '../../view/columns.ts'
import { type Line, span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { money, tokens, UNKNOWN } from '../../view/numbers.ts'
import { signOf, stateSign } from '../../view/state-sign.ts'
import type { SessionSeen, SessionsModel } from './model.ts'

const CONTEXT_LEVELS = { warnAt: 70, badAt: 85 }

/** Share of the window where its size is known; the bare count where not. */
const context = ({ session }: SessionSeen, width: number): Line => {
  const { context_tokens: used, context_window_tokens: window } = session
  if (used === null) return [span(UNKNOWN, 'unknown')]
  return window === null || window === 0 ? [span(tokens(used))] : gauge((100 * used) / window, width, CONTEXT_LEVELS)
}

/** Who sits in it now; nobody is no state. */
const sign = ({ agent }: SessionSeen) => (agent === null ? span('·', 'muted') : stateSign(agent.state))

const columnsAt = (now: Date): readonly Column<SessionSeen>[] => [
  { head: ' ', of: sign, keep: 1000 },
  { head: 'SESSION', of: ({ session }) => span(session.session.slice(0, 12), 'strong'), least: 8, keep: 1000 },
  { head: 'CLI', of: ({ session }) => session.cli, least: 8, keep: 70 },
  { head: 'MACHINE', of: ({ session }) => span(session.machine, 'muted'), least: 6, most: 16, keep: 75 },
  { head: 'MODEL', of: ({ session }) => session.model ?? span(UNKNOWN, 'unknown'), least: 10, most: 24, keep: 60 },
  { head: 'WHERE', of: ({ session }) => session.cwd ?? span(UNKNOWN, 'unknown'), least: 12, most: 48, keep: 90 },
  { head: 'BRANCH', of: ({ session }) => span(session.git_branch ?? '', 'muted'), least: 6, most: 20, keep: 30 },
  { head: 'CONTEXT', of: (one) => context(one, 12), least: 12, keep: 80 },
  { head: 'TOKENS', align: 'right', of: ({ used }) => tokens(used?.total_tokens), keep: 55 },
  { head: 'COST', align: 'right', of: ({ used }) => money(used?.cost_microusd), least: 6, keep: 50 },
  { head: 'ACTIVE', align: 'right', of: ({ session }) => span(ageWords(secondsSince(session.last_activity, now)), 'muted'), keep: 95 },
  { head: 'ERROR', of: ({ session }) => span(session.last_error ?? '', 'bad'), least: 8, most: 32, keep: 40 },
] // biome-ignore format: a table

/** Sessions of the agent CLIs, newest activity first. */
export const sessionsList = (model: SessionsModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.sessions
  const table = columns(model.rows, columnsAt(view.at ?? view.now), innerWidth(at))
  const stand = standing(answer)
  const cut = model.total > model.allSessions ? `${model.allSessions} newest of ${model.total}` : `${model.rows.length}`
  return {
    kind: 'list',
    id: 'sessions',
    title: `Sessions active in ${view.filter.hours} h`,
    at,
    ...stand,
    note: stand.note.length > 0 || model.rows.length === 0 ? stand.note : [span(cut, 'muted')],
    empty: emptyWords(
      answer,
      hiddenWords(model.allSessions, 'sessions') ?? {
        why: `No session was active in the last ${view.filter.hours} hours.`,
        fill: 'The filter bar (hours) looks further back; transcripts are read by themselves.',
      },
    ),
    head: table.head,
    rows: listRows(model.rows, (one) => one.session.session, table),
  }
}

/** The words for who sits in a session: `borg/claude-7k2m, working`. */
export const sitter = ({ agent }: SessionSeen): string =>
  agent === null ? 'nobody, as far as vc sees' : `${agent.agent}, ${signOf(agent.state).words}`
