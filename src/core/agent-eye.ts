import type { AgentSight, DialogSight } from './agent-adapter.ts'

/** Looks at one agent, as often as asked. Nothing it sees is stored. */
export interface AgentEye {
  /** A fresh look. @throws VcError `no_evidence` when its machine cannot be asked. */
  look(): Promise<AgentSight>
  /** From now on `recorded` and `waiting` of every look count this prompt in the transcript; null: no prompt. */
  watch(prompt: string | null): Promise<void>
  /** The dialog that a captured screen of this agent shows, or null. Pure. */
  dialogOf(screen: string): DialogSight | null
}
