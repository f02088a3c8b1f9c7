/**
 * Where agents live: a terminal of their own on some machine. tmux on vc's own socket is the durable host; a PTY of
 * this process and a scripted fake wear the same coat. Trouble of a machine is an answer, never an exception: only a
 * request no host could carry out (a relative cwd, an unknown key name) throws VcError `bad_request`.
 */

/** One terminal, told apart from any that had its number before. All of it is checked again before every act. */
export interface PaneRef {
  readonly machineId: string
  /** Path of the tmux socket on that machine; `pty:<pid>` for a terminal of a vc process. */
  readonly socket: string
  readonly serverPid: number
  readonly serverStartS: number
  /** `%3`; numbers begin again with a new server. */
  readonly paneId: string
  /** First process in the terminal, and when it began (as `start_ticks` of the process tables counts). */
  readonly pid: number
  readonly startTicks: number
}

export interface SessionSpec {
  /** Name of the session people see: letters, digits, `_` and `-`. Unique on the machine; a taken name is refused. */
  readonly name: string
  readonly argv: readonly [string, ...string[]]
  /** Absolute path on that machine. */
  readonly cwd: string
  /** Set for the child. Travels encoded and never stands in a process list. */
  readonly env?: Readonly<Record<string, string>>
  /** Names taken over from that machine's own login environment, besides HOME, PATH, USER, SHELL, LANG and the like. */
  readonly passEnv?: readonly string[]
  /** Default 120 × 30. */
  readonly cols?: number
  readonly rows?: number
  /** Kept with the terminal and given back by `list`, so that a restarted daemon knows whose it is. Keys `[a-z_]+`. */
  readonly tags?: Readonly<Record<string, string>>
  /** Everything the terminal shows, as it came; rotated on that machine. Default 1 MiB, 3 files; null: no log. */
  readonly log?: { readonly maxBytes?: number; readonly files?: number } | null
}

/** `no_host`: tmux is missing or too old there. `way`: the machine was not reached, nothing was done. */
export type HostTroubleCode =
  | 'no_host'
  | 'way'
  | 'no_cwd'
  | 'no_program'
  | 'name_taken'
  | 'refused_by_host'
  | 'bad_answer'

export interface HostTrouble {
  readonly is: 'trouble'
  readonly code: HostTroubleCode
  readonly message: string
  readonly fix: string
}

/** The way was lost half-way: the act may have happened. Never repeated blindly. */
export interface OutcomeUnknown {
  readonly is: 'outcome_unknown'
  readonly detail: string
}

export type Started =
  | { readonly is: 'started'; readonly pane: HostPane; readonly logPath: string | null; readonly durationMs: number }
  | HostTrouble
  | OutcomeUnknown

export interface HostClient {
  readonly name: string
  readonly tty: string
  /** Last key or resize of a person, epoch seconds of that machine. */
  readonly activityS: number
  readonly readOnly: boolean
  /** A program in control mode (a live view), not a person. */
  readonly control: boolean
}

/** `status` and `signal` may stay null for a while after death, or for ever: unknown, not 0. */
export interface PaneDeath {
  readonly status: number | null
  readonly signal: number | null
  readonly atS: number | null
}

export interface HostPane {
  readonly ref: PaneRef
  readonly sessionName: string
  readonly title: string
  readonly command: string
  readonly cwd: string
  readonly tty: string | null
  readonly dead: PaneDeath | null
  /** Epoch seconds of that machine: last output, creation. */
  readonly activityS: number | null
  readonly createdS: number | null
  readonly historySize: number
  readonly cursor: { readonly x: number; readonly y: number }
  readonly alternateOn: boolean
  readonly inMode: boolean
  readonly cols: number
  readonly rows: number
  readonly clients: readonly HostClient[]
  readonly tags: Readonly<Record<string, string>>
}

export type Listed =
  | { readonly is: 'listed'; readonly epochS: number; readonly panes: readonly HostPane[] }
  | HostTrouble

export interface CaptureOptions {
  /** Lines above the screen; default 0. */
  readonly historyLines?: number
  /** Keep SGR escapes (dim tells ghost text from typed text). Default false. */
  readonly ansi?: boolean
  /** Join lines the terminal wrapped. Default true. */
  readonly join?: boolean
}

export interface Screen {
  readonly is: 'screen'
  readonly pane: HostPane
  /** Lines without trailing blank ones, top to bottom; history first. */
  readonly text: string
}

export type Captured =
  | Screen
  /** Proven: no such pane, or another process in it. */
  | { readonly is: 'gone'; readonly ref: PaneRef; readonly detail: string }
  | HostTrouble

export interface TypeRequest {
  /** Pasted as one piece, bracketed where the program asked for it. Control bytes but tab and line feed are dropped. */
  readonly text?: string
  /** Pressed after the text, in this order: `Enter`, `Escape`, `Tab`, `BSpace`, `Up`, `C-c`, `M-x`, `y`, `2`… */
  readonly keys?: readonly string[]
  /** Pause between two keys; default 0. */
  readonly keyPauseMs?: number
  /** Presses Enter of its own this long after the rest, with the writer's lock still held. */
  readonly enterAfterMs?: number
}

export interface TypePrecondition {
  /** Judges the screen as it stands under the writer's lock: null is fine, else why not. */
  readonly screen?: (screen: Screen) => string | null
  /** Literal pieces of lines that must still be on the screen in the instant of typing. */
  readonly stillShows?: readonly string[]
  /** A person at the keyboard within this many seconds refuses; default 5, 0 never. */
  readonly humanQuietS?: number
}

export type TypeRefusal =
  | 'pane_gone'
  | 'pane_dead'
  | 'other_process'
  | 'copy_mode'
  | 'human_typing'
  | 'input_off'
  | 'busy_writer'
  | 'screen_changed'
  | 'too_long'
  | 'line_too_long'

/** `typed` = the terminal took the bytes; whether the program understood them is to be seen on its screen. */
export type Typed =
  | { readonly is: 'typed'; readonly bytes: number; readonly dropped: number; readonly after: Screen | null }
  /** Nothing was typed. */
  | { readonly is: 'refused'; readonly why: TypeRefusal; readonly detail: string }
  /** Nothing was typed. */
  | HostTrouble
  | OutcomeUnknown

export interface HostProcess {
  readonly pid: number
  readonly startTicks: number
  readonly comm: string
}

export type Ended =
  /** `survivors` are still alive after KILL (another user's, uninterruptible); `ended` were seen alive before and are gone. */
  | {
      readonly is: 'ended'
      readonly ended: readonly HostProcess[]
      readonly survivors: readonly HostProcess[]
      readonly death: PaneDeath | null
      readonly paneRemoved: boolean
    }
  /** Nothing was signalled. */
  | { readonly is: 'refused'; readonly why: 'pane_gone' | 'other_process'; readonly detail: string }
  | HostTrouble
  | OutcomeUnknown

export interface AttachOptions {
  readonly readOnly?: boolean
}

/** What to exec in a person's terminal. `unsetEnv` must not reach it (a tmux inside a tmux). */
export interface AttachPlan {
  readonly argv: readonly [string, ...string[]]
  readonly unsetEnv: readonly string[]
}

export type FollowEvent =
  /** The whole screen with its SGR escapes; whoever draws begins anew with it. First event, and after `skipped`. */
  | { readonly is: 'screen'; readonly screen: Screen }
  | { readonly is: 'output'; readonly bytes: Uint8Array }
  /** The reader was too slow for the pane; a `screen` follows. */
  | { readonly is: 'skipped' }
  | { readonly is: 'over'; readonly why: 'pane_dead' | 'pane_gone' | 'stopped' | 'way'; readonly detail: string | null }

export interface SessionHost {
  readonly kind: 'tmux' | 'pty' | 'fake'
  readonly machineId: string
  start(spec: SessionSpec): Promise<Started>
  /** All terminals of this host, dead ones too. No server yet is an empty list. */
  list(): Promise<Listed>
  /** One exec for all of them; answers stand in the order of the refs. */
  capture(refs: readonly PaneRef[], options?: CaptureOptions): Promise<readonly Captured[]>
  type(ref: PaneRef, request: TypeRequest, precondition?: TypePrecondition): Promise<Typed>
  /** TERM to its groups, KILL after `graceMs`, descendants collected beforehand included; then the pane is removed. */
  end(ref: PaneRef, graceMs: number): Promise<Ended>
  /** Ends by itself with `over`; `signal` or leaving the loop ends it too. Never resizes, never slows the agent. */
  follow(ref: PaneRef, signal?: AbortSignal): AsyncIterable<FollowEvent>
  /** @throws VcError `no_attach` where a person cannot attach (a pty of another process). */
  attachArgv(ref: PaneRef, options?: AttachOptions): AttachPlan
  /** Lets go of the way; tmux sessions live on. */
  close(): Promise<void>
}
