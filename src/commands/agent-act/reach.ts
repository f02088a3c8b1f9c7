import type { DeedResult, Refusal } from '../../core/action.ts'
import type { AgentSight } from '../../core/agent-adapter.ts'
import type { AgentAsk } from '../../engine/perform.ts'
import type { AgentRow, Db, OwnChange } from '../../store/index.ts'

/** What a person pressed, as it goes to a terminal: keys by tmux's names, or a text that was pasted. */
export interface KeysRequest {
  readonly keys: readonly string[]
  readonly text: string
  /** Of the dialog that the person had before them; null: none. */
  readonly dialogHash: string | null
}

/** The way to the terminals of agents. Looking touches nothing; carrying out goes to managed and adopted agents only. */
export interface AgentReach {
  /** One look now, or why there is none. */
  look(agent: AgentRow): Promise<AgentSight | Refusal>
  /** What would be pressed as things stand, in words, or why nothing would. Touches nothing. */
  foresee(agent: AgentRow, ask: AgentAsk): Promise<string | Refusal>
  /** Why nothing could be carried out as it is now, or null: terminal and process are looked up, nothing is touched. */
  check(agent: AgentRow): Promise<Refusal | null>
  /** Looks once more, plans, presses the keys and looks for the proofs. A refusal means that nothing was pressed. */
  carryOut(agent: AgentRow, ask: AgentAsk): Promise<DeedResult | Refusal>
  /** Presses these keys, if the dialog on the screen is the one that was seen. A refusal means that nothing was pressed. */
  press(agent: AgentRow, request: KeysRequest): Promise<Refusal | { readonly is: 'pressed' }>
}

export interface AgentActPorts {
  readonly db: Db
  readonly reach: AgentReach
  /** Writes vc's own rows and forgets what is remembered of them. Throws VcError when they are not stored. */
  keep(change: Omit<OwnChange, 'at' | 'awaited'>): Promise<void>
  now(): Date
  /** Resolves when no judgement is under way that began before. */
  settled(): Promise<void>
}
