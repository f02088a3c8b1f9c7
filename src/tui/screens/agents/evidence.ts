import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, clock, secondsSince } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { tokens, UNKNOWN } from '../../view/numbers.ts'
import { signOf } from '../../view/state-sign.ts'
import { labelled } from '../../view/wrapped.ts'
import type { AgentsModel, Explained } from './model.ts'

/** One source that said something of the agent, as the judge kept it. */
interface Sighting {
  readonly source: string
  readonly says: string
  readonly rule: string
  readonly seenAt: string | null
  readonly reason: string | null
}

const word = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const sightingOf = (value: unknown): Sighting | null => {
  if (typeof value !== 'object' || value === null) return null
  const row = value as Readonly<Record<string, unknown>>
  const [source, says] = [word(row.source), word(row.says)]
  if (source === null || says === null) return null
  return { source, says, rule: word(row.rule) ?? UNKNOWN, seenAt: word(row.seen_at), reason: word(row.reason) }
}

/** Winner and losers come as JSON text from the store; what is no JSON is no sighting. */
const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return null
  }
}

export const sightings = (
  state: Explained['state'],
): { readonly winner: Sighting | null; readonly losers: readonly Sighting[] } => {
  const losers = parsed(state?.losers_json)
  return {
    winner: sightingOf(parsed(state?.winner_json)),
    losers: (Array.isArray(losers) ? losers : []).flatMap((one) => sightingOf(one) ?? []),
  }
}

const sightingLine = (one: Sighting, won: boolean, now: Date): Line => {
  const { sign, tone, words } = signOf(one.says)
  return [
    span(won ? '✓ ' : '  ', 'good'),
    span(`${sign} `, won ? tone : 'muted'),
    span(cell(words, 17), won ? 'plain' : 'muted'),
    span(cell(one.source, 20), won ? 'plain' : 'muted'),
    span(` ${ageWords(secondsSince(one.seenAt, now)).padStart(5)} ago`, 'muted'),
    span(`  ${one.rule}${one.reason === null ? '' : ` · ${clip(one.reason, 80)}`}`, 'muted'),
  ]
}

const contextWords = (session: Explained['session']): string => {
  const [used, window] = [session?.context_tokens, session?.context_window_tokens]
  if (typeof used !== 'number') return UNKNOWN
  if (typeof window !== 'number' || window <= 0) return `${tokens(used)} tokens`
  return `${tokens(used)} of ${tokens(window)} (${Math.round((100 * used) / window)}%)`
}

const aboutLines = ({ selected, explained }: AgentsModel, width: number): readonly Line[] => {
  if (selected === null) return []
  const session = explained?.session ?? null
  return [
    ...labelled('model', `${word(session?.model) ?? UNKNOWN}, context ${contextWords(session)}`, width),
    ...labelled(
      'where',
      `${selected.cwd ?? UNKNOWN}${word(session?.git_branch) === null ? '' : ` on ${session?.git_branch}`}`,
      width,
    ),
    ...labelled(
      'session',
      `${selected.session ?? UNKNOWN}, pid ${selected.pid ?? UNKNOWN}, ${selected.cli} ${selected.cli_version ?? ''}`,
      width,
      'muted',
    ),
    ...(word(session?.last_error) === null ? [] : labelled('error', String(session?.last_error), width, 'bad')),
  ]
}

const changeLines = (explained: Explained | null, now: Date): readonly Line[] =>
  (explained?.changes ?? []).slice(0, 12).map((one): Line => {
    const { sign, tone, words } = signOf(one.state)
    const reason = one.reason === null ? '' : ` · ${clip(one.reason, 80)}`
    return [
      span(`${clock(one.at)} `, 'muted'),
      span(`${sign} ${words}`, tone),
      span(`${reason}  ${ageWords(secondsSince(one.at, now))} ago`, 'muted'),
    ]
  })

/** Why the agent is held for what it is: the source that won, those that lost, how old each is, and how it went before. */
export const evidencePanel = (model: AgentsModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.explain
  const now = view.at ?? view.now
  const width = innerWidth(at)
  const { winner, losers } = sightings(model.explained?.state ?? null)
  const changes = changeLines(model.explained, now)
  return {
    kind: 'text',
    id: 'evidence',
    title: model.selected === null ? 'Evidence' : `Evidence: ${signOf(model.selected.state).words}`,
    at,
    ...standing(answer),
    empty: emptyWords(model.selected === null ? view.answers.agents : answer, {
      why: 'No agent is chosen.',
      fill: 'Choose one in the list with j and k.',
    }),
    lines:
      model.explained === null
        ? []
        : [
            ...(winner === null ? [[span('seen, not judged yet', 'unknown')]] : [sightingLine(winner, true, now)]),
            ...losers.map((one) => sightingLine(one, false, now)),
            ...aboutLines(model, width),
            ...(changes.length > 0 ? [[span('changes of its state', 'muted')]] : []),
            ...changes,
          ],
  }
}
