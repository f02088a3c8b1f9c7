import type { AskRequest, Reply } from '../core/carrier.ts'
import type { FilterBar } from './screen.ts'
import type { Line } from './view/line.ts'

/** A command of vc as the palette offers it. */
export interface CommandNode {
  readonly name: string
  readonly about: string
  readonly options: readonly {
    readonly flags: readonly string[]
    readonly about: string
    readonly takesValue: boolean
  }[]
  readonly children: readonly CommandNode[]
  /** What its first argument may be: ids that are known to the fleet, or words. */
  readonly values: 'machines' | 'agents' | readonly string[] | null
}

/** A question a command asks the person in front of it. */
export interface Question {
  /** What stands above the question: fingerprints, losses, the dialog to be approved. */
  readonly lines: readonly string[]
  readonly message: string
  /** `yes`: yes or no; `text`: a line; `secret`: a line nobody may read. */
  readonly kind: 'yes' | 'text' | 'secret'
}

/** Null: given up. A yes is `yes`. */
export type Answerer = (question: Question) => Promise<string | null>

/** The screen of an agent as it is now. */
export interface LiveScreen {
  readonly lines: readonly Line[]
  /** What could not be seen, in one line. */
  readonly note: string | null
  /** Hash of the dialog that stands on it; absent or null: none. */
  readonly dialog?: string | null
}

/** What a person pressed: keys by tmux's names, or a text that was pasted; and the dialog they had before them then. */
export interface Pressed {
  readonly keys: readonly string[]
  readonly text: string
  readonly dialog: string | null
}

/** What is kept from one run of the cockpit to the next. */
export interface Kept {
  readonly theme?: string
  readonly filter?: Partial<FilterBar>
}

/** All the cockpit needs of the world. main.ts hands it over; tests hand over recordings. */
export interface TuiPorts {
  /** Throws VcError; `daemon_lost` when nobody answers any more. */
  ask(request: AskRequest): Promise<Reply>
  /** Runs one vc command in this process. Resolves with its exit code; its output goes to `say` as it comes. */
  run(argv: readonly string[], say: (text: string) => void, answer: Answerer): Promise<number>
  /** Why this command cannot be run from here; null when it can. */
  refuses(argv: readonly string[]): string | null
  /** Every command of vc. */
  commands(): Promise<CommandNode>
  /** A look at an agent's screen now. Throws VcError when it cannot be had. */
  live(agentId: string): Promise<LiveScreen>
  /** Presses keys in an agent's terminal, as an act of the person at this one. Null: they arrived; else why nothing was pressed. */
  press(agentId: string, pressed: Pressed): Promise<string | null>
  /** Hands the terminal to a program that shows the agent's session, until it ends. Throws VcError. */
  attach(agentId: string): Promise<void>
  /** A moment as people type it; throws VcError when it is none. */
  moment(text: string): Date
  readonly kept: { load(): Kept; save(kept: Kept): void }
  /** Milliseconds that never jump, for ages. */
  monotonicMs(): number
  now(): Date
}
