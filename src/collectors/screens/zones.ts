import type { AgentCli, AgentState } from '../../core/agent.ts'

export interface Dialog {
  readonly title: string
  readonly body: string
  readonly options: readonly string[]
}

/** The live parts of one screen; everything above them is history and is not read. */
export interface Zones {
  /** Text of a dialog that takes the composer's place, one line; null when a composer is drawn. */
  readonly dialog: Dialog | null
  readonly dialogText: string
  /** Below the composer. */
  readonly footer: string
  /** The last short block above the composer: spinner, retry or end-of-turn line. */
  readonly status: string
  /** Lines between the newest prompt and the composer, without the status line. */
  readonly block: readonly string[]
  /** A composer is drawn. */
  readonly composer: boolean
  /** No prompt was ever sent on this screen: only the banner stands there. */
  readonly fresh: boolean
  /** The last line is a shell's. */
  readonly shell: boolean
}

export type Place = 'dialog' | 'footer' | 'status' | 'block' | 'first' | 'last' | 'composer' | 'fresh' | 'shell'

/**
 * One rule as data. `first`/`last`: first or last paragraph of the block, wrapped lines joined. `composer`, `fresh` and `shell` need no shape.
 * Ids that end in `guess` need a second source (oracle/agent-standing.ts).
 */
export interface ScreenRule {
  readonly id: string
  readonly versions: string
  readonly where: Place
  readonly shape?: RegExp
  readonly not?: RegExp
  readonly state: AgentState
  /** Fixed words; `$1` is replaced by the first group of `shape`. */
  readonly reason?: string
}

export interface ScreenBook {
  readonly cli: AgentCli
  readonly zones: (lines: readonly string[]) => Zones
  readonly rules: readonly ScreenRule[]
}
