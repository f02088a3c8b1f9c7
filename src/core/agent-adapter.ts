import type { AgentCli, AgentState } from './agent.ts'

/** A dialog as one look read it. `hash` binds an answer to title, words and labels; `options` are labels, top to bottom. */
export interface DialogSight {
  readonly hash: string
  readonly title: string
  readonly body: string
  readonly options: readonly string[]
}

/** What the CLI says of itself outside the screen (registry file, title). Null where it says nothing. */
export type LiveWord = 'idle' | 'busy' | 'waiting'

/** One look at one agent: screen, title, process table, live state and transcript, taken together. */
export interface AgentSight {
  readonly seenAt: Date
  /** Plain text of the visible screen, wrapped lines joined; never stored. */
  readonly screen: string
  /** The same with colours, row by row: tells ghost text from typed text and which option is selected. */
  readonly ansi: string
  readonly title: string
  /** The agent's process below the pane; `unknown` when the table could not be read. */
  readonly process: 'alive' | 'stopped' | 'gone' | 'unknown'
  /** Somebody scrolls in this pane (copy mode): keys would not reach the agent. */
  readonly inMode: boolean
  readonly state: AgentState
  /** The rule that decided `state`, or null. */
  readonly rule: string | null
  readonly dialog: DialogSight | null
  readonly live: LiveWord | null
  /** The CLI's own session id, where registry or transcript name it. */
  readonly sessionId: string | null
  /** How often the transcript holds the watched prompt as sent; null: not watched, or the transcript cannot be read. */
  readonly recorded: number | null
  /** The same for prompts that the CLI keeps for later. */
  readonly waiting: number | null
}

/** What stands in the composer. `ghost`: only a suggestion of the CLI stands there. */
export interface ComposerSight {
  readonly text: string
  readonly ghost: boolean
  /** The CLI folded a long paste into a placeholder such as `[Pasted text #1 +37 lines]`. */
  readonly folded: boolean
}

/** What a plan looks for, as data; held against a sight and the one from before the first key. */
export type Look =
  | { readonly see: 'state'; readonly in: readonly AgentState[] }
  | { readonly see: 'live'; readonly in: readonly LiveWord[] }
  | { readonly see: 'process'; readonly in: readonly AgentSight['process'][] }
  /** This dialog, unchanged, is on the screen. */
  | { readonly see: 'dialog'; readonly hash: string }
  | { readonly see: 'some_dialog' }
  /** The option with this label is the selected one. */
  | { readonly see: 'selected'; readonly label: string }
  /** The composer is drawn and holds nothing but, at most, the CLI's own suggestion. */
  | { readonly see: 'composer_empty' }
  /** The composer holds the text, or the CLI's placeholder for it. */
  | { readonly see: 'composer_holds'; readonly text: string }
  /** The transcript holds the watched prompt more often than before. */
  | { readonly see: 'recorded' }
  | { readonly see: 'kept_for_later' }
  /** Words on the live screen (its last rows); a regular expression. `more`: oftener than before, so that old ones prove nothing. */
  | { readonly see: 'words'; readonly shape: string; readonly rows: number; readonly more?: true }
  | { readonly see: 'in_mode' }
  | { readonly see: 'all'; readonly of: readonly Look[] }
  | { readonly see: 'any'; readonly of: readonly Look[] }
  | { readonly see: 'not'; readonly of: Look }

/** Key names of tmux `send-keys` (`Enter`, `Escape`, `C-c`, `Right`) or one printable character. */
export type KeyName = string

/** `onlyIf` is judged under the pane's writer lock, in the instant of typing: what does not hold any more types nothing. */
export type PlanStep =
  | { readonly do: 'paste'; readonly text: string; readonly onlyIf: Look }
  | { readonly do: 'keys'; readonly keys: readonly KeyName[]; readonly onlyIf: Look }
  | { readonly do: 'pause'; readonly ms: number }
  /** Looks until it holds; a plan that waits in vain presses nothing more and ends with `otherwise`, or looks for its proofs. */
  | { readonly do: 'wait'; readonly until: Look; readonly withinMs: number; readonly otherwise: PlanEnd | 'prove' }

/** `staged_only`: the text stands in the composer and was not sent. `not_seen`: keys went out, no effect was seen. */
export type PlanEnd =
  | 'submitted'
  | 'queued'
  | 'staged_only'
  | 'answered'
  | 'interrupted'
  | 'compacting'
  | 'ended'
  | 'not_seen'

export interface PlanProof {
  readonly look: Look
  readonly end: PlanEnd
  /** What was seen, as the effect's evidence: `transcript`, `live state`, `screen`, `process table`. */
  readonly by: string
}

/** Keys pressed again when nothing changed; never text. */
export interface PlanRetry {
  /** Judged under the writer lock too. */
  readonly when: Look
  readonly keys: readonly KeyName[]
  readonly atMost: number
  /** Between two presses. */
  readonly afterMs: number
}

export type AgentVerb = 'deliver' | 'approve' | 'reject' | 'interrupt' | 'compact' | 'quit'

/** What to do with one agent, as data: printed, stored in the audit and replayed without a terminal. */
export interface AgentPlan {
  readonly verb: AgentVerb
  /** Must hold on a fresh look before the first key, else nothing is pressed. */
  readonly expects: Look
  readonly steps: readonly PlanStep[]
  readonly retry: PlanRetry | null
  /** Looked for in this order after the last step; the first that holds ends the plan. */
  readonly proofs: readonly PlanProof[]
  readonly withinMs: number
  /** The end when no proof came in time; the first look that holds, else `not_seen`. */
  readonly otherwise: readonly PlanProof[]
  /** The prompt to watch for in the transcript; null: none. */
  readonly watch: string | null
  readonly says: string
}

/** Nothing was pressed. `code` as in `refused(state)`: `not_ready`, `dialog_open`, `prompt_changed`, `composer_not_empty`, … */
export interface PlanRefusal {
  readonly refused: true
  readonly code: string
  readonly state: AgentState
  readonly message: string
  readonly fix: string
}

export type Planned = AgentPlan | PlanRefusal

export interface LaunchSpec {
  readonly cwd: string
  /** The CLI's own session to go on with; null: a new one. */
  readonly resume: string | null
  /** Chosen beforehand so that the session is known from its first second; used where the CLI takes one. */
  readonly newSessionId: string | null
  readonly model: string | null
  /** `ask`: shell commands and edits wait for a person. `auto`: the CLI's own automatic mode. */
  readonly permissions: 'ask' | 'auto'
  /** Further words of the operator, e.g. from vc.toml; for `generic` the whole command. */
  readonly extra: readonly string[]
}

export interface Launch {
  readonly argv: readonly [string, ...string[]]
  /** Set for the agent. */
  readonly env: Readonly<Record<string, string>>
  /** Names that may pass from the machine's own login environment (SessionSpec.passEnv); nothing of vc's process does. */
  readonly passEnv: readonly string[]
  /** The session id the CLI will use, where it can be told; else null until it is seen. */
  readonly sessionId: string | null
}

export type Readiness =
  | { readonly ready: true }
  | {
      readonly ready: false
      readonly why: 'starting' | 'dialog' | 'busy' | 'ended' | 'stopped' | 'unknown'
      readonly says: string
    }

/** How to ask for the version: words to run, or where the package says it (running some CLIs costs seconds and files). */
export interface VersionAsk {
  readonly argv: readonly string[]
  /** Read the `version` of the package.json above the resolved program instead, where there is one. */
  readonly packageFirst: boolean
  /** First group = version, on the output of `argv`. */
  readonly shape: string
}

export type Choice = { readonly say: 'approve' | 'reject' } | { readonly say: 'label'; readonly label: string }

/** One CLI's manners. Pure: reads sights, gives plans; `engine/perform.ts` presses the keys. */
export interface AgentAdapter {
  readonly cli: AgentCli | 'generic'
  /** Versions whose screens and keys were recorded. */
  readonly recorded: readonly string[]
  readonly version: VersionAsk
  /** How long a screen must have looked ready, in a new session and in a resumed one: some are drawn twice, and what is typed between is lost. */
  readonly settleMs: { readonly fresh: number; readonly resumed: number }
  /** @throws VcError `bad_launch` for words that no argv may hold, or an id that is none. */
  launch(spec: LaunchSpec): Launch
  /** `resumed`: an old session is to be on the screen, not a new one's beginning. */
  readiness(sight: AgentSight, resumed?: boolean): Readiness
  composer(sight: AgentSight): ComposerSight | null
  /** The label of the selected option of the dialog on screen; null: none is marked. */
  selected(sight: AgentSight): string | null
  deliver(prompt: string, sight: AgentSight): Planned
  /** `dialogHash`: the dialog a person saw. Another one on screen is refused with `prompt_changed`. */
  answer(choice: Choice, dialogHash: string, sight: AgentSight): Planned
  interrupt(sight: AgentSight): Planned
  compact(sight: AgentSight): Planned
  quit(sight: AgentSight): Planned
}
