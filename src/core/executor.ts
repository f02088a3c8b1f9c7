/** How one run on a machine ended. `exit` = the command ran and said non-zero. */
export type RunClass =
  | 'ok'
  | 'exit'
  | 'signal'
  | 'timeout'
  | 'output_limit'
  | 'connect_timeout'
  | 'refused'
  | 'dns'
  | 'auth'
  | 'host_key_unknown'
  | 'host_key_changed'
  | 'connection_lost'
  | 'aborted'
  | 'transport'

/** A script in two parts, for a shell that is kept and told of several in turn. */
export interface ShellCall {
  /** Functions and variables by name, each whole lines: told once to a shell that keeps them. */
  readonly definitions: ReadonlyMap<string, string>
  /** What is new each time; whole lines. */
  readonly text: string
  /** What it writes first, to stdout. */
  readonly begins: string
  /** What it writes last, to stdout and to stderr. */
  readonly ends: string
}

/** One script for `sh -s`, sent on stdin; never a command line. */
export interface RunRequest {
  readonly script: string
  readonly deadlineMs: number
  readonly maxStdout: number
  readonly maxStderr: number
  /** What stdout must hold within its first bytes; a run without it is `output_limit`: nothing of ours is speaking there. */
  readonly greeting?: Greeting
  /** Hands over, as the run begins, a look at what it has brought so far. Not every executor can. */
  readonly soFar?: (look: () => RunOutput) => void
  /** The same in two parts, where a patient run may go through a kept shell. Not every executor keeps one. */
  readonly call?: ShellCall
  /** Nobody waits for it: what it brings may be read a tenth of a second late, together with what other machines say. */
  readonly patient?: boolean
  readonly signal?: AbortSignal
}

export interface RunOutput {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

export interface Greeting {
  readonly text: string
  readonly withinBytes: number
}

export interface RunTimings {
  readonly queueMs: number
  readonly connectMs: number
  readonly execMs: number
}

export interface RunResult {
  readonly class: RunClass
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** True when output was cut (cap, lost connection, deadline). */
  readonly partial: boolean
  readonly timings: RunTimings
  readonly reusedConnection: boolean
  /** One sentence of evidence for people, e.g. the server's own words. */
  readonly detail: string | null
}

export interface RunStream {
  readonly stdout: AsyncIterable<Uint8Array>
  readonly done: Promise<RunResult>
}

/** The way to one machine. `run` never rejects for trouble of the machine, only for programming errors. */
export interface Executor {
  readonly kind: 'local' | 'ssh2' | 'openssh' | 'replay'
  run(request: RunRequest): Promise<RunResult>
  stream(request: RunRequest): RunStream
  close(): Promise<void>
}
