import type { DeedResult, Effect, Refusal } from '../core/action.ts'
import type { AgentPlan, AgentSight, PlanEnd } from '../core/agent-adapter.ts'

/** What went out, in order: key names, and `paste:<characters>`. */
export type Presses = readonly string[]

export interface Performed extends DeedResult {
  readonly data: {
    readonly end: PlanEnd
    readonly presses: Presses
    readonly state: string
    readonly sessionId: string | null
    /** Why the rest was not pressed, when something stopped the plan half-way. */
    readonly stopped: string | null
  }
}

/** A run of a plan, as far as telling of it needs it. */
interface Pressed {
  /** Kind of the host that typed. */
  readonly host: string
  readonly presses: Presses
  last(): AgentSight
  stopped(): Refusal | null
}

const OUTCOMES: Readonly<Record<PlanEnd, DeedResult['outcome']>> = {
  submitted: 'verified',
  answered: 'verified',
  interrupted: 'verified',
  compacting: 'verified',
  ended: 'verified',
  queued: 'queued',
  staged_only: 'done',
  not_seen: 'outcome_unknown',
}

const WHAT: Readonly<Record<AgentPlan['verb'], string>> = {
  deliver: 'the prompt was submitted',
  approve: 'the dialog was answered',
  reject: 'the dialog was answered',
  interrupt: 'the turn was interrupted',
  compact: 'the conversation is being compacted',
  quit: 'the agent ended',
}

/** What a plan without proofs leaves open. */
const OPEN: Readonly<Record<AgentPlan['verb'], string>> = {
  ...WHAT,
  deliver: 'the program took it',
  interrupt: 'the program stopped what it did',
}

/** Nothing tells what came of the keys: they were typed, and that is all that was promised. */
const onlyTyped = (plan: AgentPlan, end: PlanEnd, run: Pressed): boolean =>
  end === 'not_seen' && plan.proofs.length === 0 && run.stopped() === null

const typedWords = (presses: Presses): string =>
  presses.map((press) => press.replace(/^paste:(\d+)$/, 'a text of $1 characters')).join(' and ')

const effectsOf = (plan: AgentPlan, end: PlanEnd, by: string | null, run: Pressed): readonly Effect[] => {
  if (onlyTyped(plan, end, run))
    return [
      { what: `${typedWords(run.presses)} went to its terminal`, observed: true, evidence: run.host },
      { what: OPEN[plan.verb], observed: false, evidence: null },
    ]
  const main: Effect = { what: WHAT[plan.verb], observed: OUTCOMES[end] === 'verified', evidence: by }
  if (end === 'queued')
    return [
      { what: 'the prompt is queued', observed: true, evidence: by },
      { ...main, evidence: null },
    ]
  if (end !== 'staged_only') return [main]
  return [
    { what: 'the text stands in the input line', observed: true, evidence: by },
    { ...main, evidence: null },
  ]
}

/** What became of a plan that ended so, seen by this proof; null: by none. */
export const performed = (plan: AgentPlan, end: PlanEnd, by: string | null, run: Pressed): Performed => ({
  outcome: onlyTyped(plan, end, run) ? 'done' : OUTCOMES[end],
  effects: effectsOf(plan, end, by, run),
  data: {
    end,
    presses: run.presses,
    state: run.last().state,
    sessionId: run.last().sessionId,
    stopped: run.stopped()?.code ?? null,
  },
})
