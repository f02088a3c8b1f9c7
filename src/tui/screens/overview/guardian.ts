import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { agedAll } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerHeight, innerWidth } from '../../view/arrange.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { isOldAnswer } from '../../view/lying.ts'
import { UNKNOWN } from '../../view/numbers.ts'
import { labelled } from '../../view/wrapped.ts'
import type { Acts, MachineLine, OverviewModel } from './model.ts'

type Act = Acts['actions'][number]

interface Said {
  readonly words: string
  /** The same where there is little room. */
  readonly short: string
  readonly tone: Tone
}

/** Where vc may change something, as far as the daemon says it. */
const mayAct = (machines: readonly MachineLine[]): Said => {
  const allowed = machines.filter((one) => one.writes_allowed === true)
  // A daemon of an older vc does not tell.
  if (machines.some((one) => one.writes_allowed === undefined))
    return { words: `${UNKNOWN} (the daemon does not tell where it may)`, short: UNKNOWN, tone: 'unknown' }
  if (machines.length === 0) return { words: 'nowhere: no machine is known', short: 'nowhere', tone: 'muted' }
  if (allowed.length === 0) {
    const words = `nowhere: no machine of ${machines.length} allows it (allow_write_commands)`
    return { words, short: 'nowhere', tone: 'muted' }
  }
  const of = `on ${allowed.length} of ${machines.length}`
  return { words: `${of} machines: ${allowed.map(({ id }) => id).join(', ')}`, short: of, tone: 'plain' }
}

const waiting = (machines: readonly MachineLine[], state: string): number =>
  machines.reduce((sum, { agents }) => sum + (agents[state] ?? 0), 0)

const waitsFor = (machines: readonly MachineLine[]): Said => {
  const [approvals, questions] = [waiting(machines, 'needs_approval'), waiting(machines, 'asked_question')]
  if (approvals + questions === 0) return { words: 'nobody', short: 'nobody', tone: 'muted' }
  const said = (of: string): string =>
    [approvals > 0 ? `${approvals}${of} approval` : '', questions > 0 ? `${questions}${of} answer` : '']
      .filter((words) => words !== '')
      .join(', ')
  return { words: said(' for an'), short: said(' for'), tone: 'warn' }
}

const BY_ITSELF = 'only what a person granted (restart policies, adopt rules); modes and protocols do not exist yet'

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  verified: 'good',
  refused: 'warn',
  outcome_unknown: 'bad',
}

const actLine = (one: Act, now: Date, width: number): Line => {
  const outcome = one.outcome?.replaceAll('_', ' ') ?? 'under way'
  return [
    span(`${ageWords(secondsSince(one.ts, now)).padStart(6)} ago `, 'muted'),
    span(`${outcome} `, OUTCOME_TONES[one.outcome ?? ''] ?? 'info'),
    span(cell(`${one.verb} `, one.verb.length + 1)),
    span(clip(one.agent ?? one.subject ?? one.machine, 28), 'strong'),
    span(clip(one.code === null ? '' : `  ${one.code.replaceAll('_', ' ')}`, width), 'muted'),
  ]
}

const refusedSpan = ({ refused }: Acts): Span => span(`${refused} refused`, refused > 0 ? 'warn' : 'muted')

const actsNote = (acts: Acts | null): Line =>
  acts === null
    ? []
    : [refusedSpan(acts), span(`, ${acts.unknown} not known in 24 h`, acts.unknown > 0 ? 'bad' : 'muted')]

/** In one line, where there is no room for a panel. */
export const guardianLine = ({ everyMachine, acts }: OverviewModel, view: ScreenView): Line => {
  const [may, waits] = [mayAct(everyMachine), waitsFor(everyMachine)]
  const line = [
    span('vc acts ', 'muted'),
    span(may.short, may.tone),
    span('   waits ', 'muted'),
    span(waits.short, waits.tone),
    span('   24 h ', 'muted'),
    ...(acts !== null && acts.unknown > 0 ? [span(`${acts.unknown} not known, `, 'bad')] : []),
    ...(acts === null ? [span(UNKNOWN, 'unknown')] : [refusedSpan(acts)]),
  ]
  return agedAll(line, isOldAnswer(view.answers.machines))
}

/** What vc may do, who waits for a person, what it did and what it was refused. */
export const guardianPanel = (model: OverviewModel, at: Rect, view: ScreenView): TextPanel => {
  const { everyMachine, acts } = model
  const width = innerWidth(at)
  const answer = acts === null ? view.answers.machines : view.answers.audit
  const stand = standing(view.answers.audit)
  const old = isOldAnswer(view.answers.machines)
  const [may, waits] = [mayAct(everyMachine), waitsFor(everyMachine)]
  const head = [
    ...labelled('vc acts', may.words, width, old ? 'stale' : may.tone),
    ...labelled('waits', waits.words, width, old ? 'stale' : waits.tone),
    ...labelled('by itself', BY_ITSELF, width, 'muted'),
  ]
  const last = (acts?.actions ?? [])
    .slice(0, Math.max(1, innerHeight(at) - head.length))
    .map((one) => actLine(one, view.at ?? view.now, width))
  return {
    kind: 'text',
    id: 'guardian',
    title: 'Guardian',
    at,
    ...stand,
    note: stand.note.length > 0 ? stand.note : actsNote(acts),
    empty: emptyWords(answer, { why: 'Nothing is known of any machine.', fill: 'vc machines add <id> <ssh target>.' }),
    lines:
      everyMachine.length === 0 && acts === null
        ? []
        : [
            ...head,
            ...(acts !== null && last.length === 0 ? [[span('nothing was done or refused in 24 h', 'muted')]] : last),
          ],
  }
}
