/** `read` changes nothing · `reversible` has a way back · `irreversible` has none. */
export type ActionClass = 'read' | 'reversible' | 'irreversible'

/** Who wants it: a person at a terminal, an agent through one of the doors, or vc's own guardian. */
export type Origin = 'person' | 'agent' | 'guardian'

/** What an action is about. `agentId` is null for what concerns the machine itself. */
export interface ActionTarget {
  readonly machineId: string
  readonly agentId: string | null
  /** A mission, worktree, merge …, when the action is about neither machine nor agent alone. */
  readonly subject?: string
}

export type ActionParam = string | number | boolean | null | readonly string[]

/** Typed placeholders, never shell text. Text that people or models wrote is not here: only its length and hash are. */
export type ActionParams = Readonly<Record<string, ActionParam>>

/** Something that shall be done to a machine or an agent, before anybody agreed. */
export interface Proposal {
  /** `<noun>.<verb>`, e.g. `agent.send`. */
  readonly verb: string
  readonly target: ActionTarget
  readonly params: ActionParams
  readonly class: ActionClass
  /** One sentence for the person who is asked and for the audit. */
  readonly why: string
  readonly origin: Origin
  /** User name, agent id or playbook. */
  readonly actor: string
  /** Hash of the dialog that was seen, as `pending_dialogs` has it; the action is for this dialog and no other. */
  readonly dialogHash?: string
  /** Audit id of an action that a person confirmed and that grants this verb (its param `grants`), e.g. a restart policy. */
  readonly mandate?: string
}

/** The mandate that vc.toml gives: `adopt` in a machine's block. */
export const ADOPT_RULE = 'vc.toml:adopt'

/** Why something is not done: a code for machines, a sentence for people, the next step. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly fix: string
}

export type Verdict =
  | { readonly verdict: 'allowed' }
  | { readonly verdict: 'ask'; readonly question: string }
  | ({ readonly verdict: 'refused' } & Refusal)

/**
 * How an action ended. `recorded` vc's own memory changed, nothing else · `queued` accepted, effect not seen yet · `done` carried
 * out, effect seen in part · `verified` the effect was observed · `refused` nothing was done · `outcome_unknown` it may or may not be.
 */
export const OUTCOMES = ['recorded', 'queued', 'done', 'verified', 'refused', 'outcome_unknown'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** One thing that was to happen; `observed` only when vc saw it itself. */
export interface Effect {
  readonly what: string
  readonly observed: boolean
  /** Where it was seen: a rule id, a transcript record, a process table. Never foreign text. */
  readonly evidence: string | null
}

/** The answer of every action, on every door. */
export interface Acted {
  readonly outcome: Outcome
  readonly effects: readonly Effect[]
  readonly auditId: string
  /** Why it was refused, or why the outcome is not known. */
  readonly refusal?: Refusal
  /** What a surface may show besides (ids that were minted …); never foreign text. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** What acting or observing came to. Throwing means: unknown. */
export interface DeedResult {
  readonly outcome: Exclude<Outcome, 'refused'>
  readonly effects: readonly Effect[]
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * One action, prepared: what the Doer (commands/doer.ts) needs to carry it out. `act` runs once, after its intent is committed
 * and `check` said null; a `Refusal` it returns means that nothing was touched. `observe` looks for the effect afterwards;
 * without it the result of `act` is already an observation.
 */
export interface Deed {
  readonly proposal: Proposal
  /** Why it cannot be done as things stand already now; nobody is asked then. */
  readonly blocked?: Refusal
  /** What the person is asked, beyond the sentence that the gate makes: facts, one a line. */
  readonly shown?: readonly string[]
  /** Looked at once before a person is asked: why asking is idle, or what would be done, one fact a line. */
  foresee?(): Promise<Refusal | readonly string[]>
  /** The precondition, looked at afresh: null, or why it must not be done now. */
  check(): Promise<Refusal | null>
  act(): Promise<DeedResult | Refusal>
  observe?(acted: DeedResult): Promise<DeedResult>
}

/** A door's wish, before it was understood. Text to deliver is in `params` and goes no further than the deed. */
export interface ActWish {
  readonly verb: string
  readonly params: Readonly<Record<string, unknown>>
  readonly origin: Origin
  readonly actor: string
}

/** Understands the wish and looks up its target. Throws VcError (usage) when it cannot be understood. */
export type DeedMaker = (wish: ActWish) => Promise<Deed>

/** Verb to how it is prepared. */
export type DeedMakers = Readonly<Record<string, DeedMaker>>

export const isRefusal = (value: object | string): value is Refusal =>
  typeof value === 'object' && 'code' in value && 'fix' in value
