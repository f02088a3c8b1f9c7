import type * as z from 'zod'
import type { agents } from '../queries/agents.ts'
import type { explain } from '../queries/explain.ts'
import type { incidents } from '../queries/incidents.ts'
import type { triage } from '../queries/triage.ts'
import { type Answerer, command, few, from, namedOf, onMachine } from './ask-answer.ts'

type Cells = Readonly<Record<string, unknown>>
const text = (row: Cells | null, key: string): string | null => (typeof row?.[key] === 'string' ? row[key] : null)

const WAITS = ['needs_approval', 'asked_question', 'failed', 'stalled', 'rate_limited']

export const agentStuck: Answerer = async (about) => {
  const id = namedOf(about, 'agent') ?? ''
  const { agent, state, session } = (await about.ask('explain', { id })).data as z.output<typeof explain.data>
  const is = text(state, 'state')
  const reason = text(state, 'reason')
  const answer =
    is === null
      ? `${id} was seen but never judged`
      : `${id} is ${is}${reason === null ? '' : `: ${reason}`}, since ${text(state, 'since') ?? 'an unknown time'}`
  const error = text(session, 'last_error')
  return {
    answer,
    evidence: from('explain', [
      is === null
        ? null
        : `decided by rule ${text(state, 'rule') ?? 'none'}, judged ${text(state, 'judged_at') ?? 'never'}`,
      text(state, 'until_at') === null ? null : `its source says that this ends at ${text(state, 'until_at')}`,
      `${text(agent, 'cli') ?? '?'} in ${text(agent, 'cwd') ?? 'an unknown folder'}`,
      text(session, 'last_activity_at') === null
        ? null
        : `last activity in its transcript ${text(session, 'last_activity_at')}`,
      error === null
        ? null
        : `last error of its session (${text(session, 'last_error_at') ?? 'time unknown'}): ${error}`,
      text(agent, 'ended') === null ? null : `it ended at ${text(agent, 'ended')}`,
    ]),
    commands: [
      command(['explain', id], 'look at it now: which evidence decides, what lost'),
      ...(is === 'rate_limited' ? [command(['account', 'recommend'], 'an account with head-room')] : []),
    ],
  }
}

export const whoNeedsMe: Answerer = async (about) => {
  const { agents: all } = (await about.ask('agents', onMachine(about))).data as z.output<typeof agents.data>
  const waiting = all
    .filter((one) => WAITS.includes(one.state))
    .toSorted((a, b) => WAITS.indexOf(a.state) - WAITS.indexOf(b.state) || (a.since ?? '').localeCompare(b.since ?? ''))
  const unknown = all.filter((one) => one.state === 'unknown').length
  const blind = unknown > 0 ? `; the state of ${unknown} is unknown` : ''
  return {
    answer:
      waiting.length === 0
        ? `no agent is known to wait for you (${all.length} seen${blind})`
        : `${waiting.length} of ${all.length} agents wait${blind}`,
    evidence: from(
      'agents',
      few(
        waiting.map(
          (one) =>
            `${one.agent} ${one.state}${one.reason ? `: ${one.reason}` : ''}, since ${one.since ?? 'an unknown time'}`,
        ),
      ),
    ),
    commands: waiting.slice(0, 3).map((one) => command(['explain', one.agent], `${one.state}, the longest first`)),
  }
}

export const whatNext: Answerer = async (about) => {
  const { recommendations, suggested_commands } = (await about.ask('triage', { limit: '8' })).data as z.output<
    typeof triage.data
  >
  const [first] = recommendations
  return {
    answer: first === undefined ? 'nothing that vc knows asks for you' : `${first.title} → ${first.action}`,
    evidence: from(
      'triage',
      recommendations.map((one) => `${one.priority}. ${one.title} (${one.description})`),
    ),
    commands: suggested_commands.slice(0, 4).map(({ command: line, reason }) => ({ command: line, reason })),
  }
}

/** Incidents, and what fires now. */
export const trouble: Answerer = async (about) => {
  const { incidents: all } = (await about.ask('incidents')).data as z.output<typeof incidents.data>
  const { recommendations, suggested_commands } = (await about.ask('triage', { limit: '200' })).data as z.output<
    typeof triage.data
  >
  const shown = all.filter((one) => one.status !== 'closed')
  const firing = recommendations.flatMap((one, at) =>
    one.scope.startsWith('agent:') ? [] : [{ one, said: suggested_commands[at] }],
  )
  const words = shown.map(
    (one) =>
      `${one.incident} is ${one.status} since ${one.opened_at}: ${one.title}${one.likely_cause === null ? '' : `; likely: ${one.likely_cause}`}`,
  )
  return {
    answer: `${shown.length} incidents are not closed; ${firing.length} matters of machines and sources ask for you`,
    evidence: [...from('incidents', few(words)), ...from('triage', few(firing.map(({ one }) => one.title)))],
    commands: [
      ...shown
        .slice(0, 2)
        .map((one) => command(['incident', 'show', one.incident], 'what happened, in order, and likely causes')),
      ...firing
        .slice(0, 2)
        .flatMap(({ said }) => (said === undefined ? [] : [{ command: said.command, reason: said.reason }])),
    ],
  }
}
