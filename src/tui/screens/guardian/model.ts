import type { agents } from '../../../queries/agents.ts'
import type { audit } from '../../../queries/audit.ts'
import type { engine } from '../../../queries/engine.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Audit = DataOf<typeof audit>
type Agents = DataOf<typeof agents>
type Engine = DataOf<typeof engine>
export type Action = Audit['actions'][number]
export type Waiting = Agents['agents'][number]
export type Kept = Engine['agents'][number]
export type Orphan = Engine['orphans'][number]

export const OUTCOMES = ['all', 'refused', 'outcome_unknown', 'verified'] as const
export type OutcomeFilter = (typeof OUTCOMES)[number]

export interface GuardianModel {
  readonly waiting: readonly Waiting[]
  readonly actions: readonly Action[]
  readonly allActions: number
  readonly outcome: OutcomeFilter
  readonly refused: number
  readonly unknown: number
  readonly kept: readonly Kept[]
  readonly orphans: readonly Orphan[]
  readonly pools: Engine['pools']
  readonly asked: boolean
  readonly now: Date
}

export const outcomeOf = (view: ScreenView): OutcomeFilter =>
  OUTCOMES.find((one) => one === view.options['guardian.outcome']) ?? 'all'

export const guardianAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const machine = view.filter.machine === null ? {} : { machine: view.filter.machine }
  return [
    { as: 'agents', topic: 'agents', params: machine, everyMs: 2_000 },
    { as: 'audit', topic: 'audit', params: { ...machine, since: `${view.filter.hours}h`, limit: 500 }, everyMs: 2_000 },
    { as: 'engine', topic: 'engine', params: machine, everyMs: 5_000 },
  ]
}

const NEEDS = new Set(['needs_approval', 'asked_question'])

export const guardianModel = (view: ScreenView): GuardianModel => {
  const acted = dataOf<Audit>(view, 'audit')
  const kept = dataOf<Engine>(view, 'engine')
  const outcome = outcomeOf(view)
  return {
    waiting: (dataOf<Agents>(view, 'agents')?.agents ?? []).filter(
      (one) =>
        NEEDS.has(one.state) &&
        onMachine(view.filter, one.machine) &&
        found(view.filter, one.agent, one.reason, one.cwd),
    ),
    allActions: acted?.actions.length ?? 0,
    actions: (acted?.actions ?? []).filter(
      (one) =>
        (outcome === 'all' || one.outcome === outcome) &&
        found(view.filter, one.audit, one.verb, one.agent, one.subject, one.machine, one.actor, one.why, one.code),
    ),
    outcome,
    refused: acted?.refused ?? 0,
    unknown: acted?.unknown ?? 0,
    kept: (kept?.agents ?? []).filter((one) => found(view.filter, one.agent, one.role, one.status)),
    orphans: kept?.orphans ?? [],
    pools: kept?.pools ?? [],
    asked: kept !== null,
    now: view.at ?? view.now,
  }
}
