/** A program of vc's own that runs in a process of its own, because it may have to be killed. */
export interface ChildJob {
  /** The module to run; its name ends in `-child`, so that the build keeps it in its place. */
  readonly entry: URL
  /** Handed over as one JSON line on standard input, which stays open: its end tells the child that we are gone. */
  readonly input: unknown
  /** SIGKILL after this long. */
  readonly wallMs: number
  /** SIGKILL when its resident memory passes this. */
  readonly maxRssBytes: number
  /** SIGKILL when it says more than this on standard output. */
  readonly maxOutputBytes: number
}

/** How a child ended; each is a fact of its own. */
export type ChildEnd =
  | { readonly is: 'exit'; readonly code: number }
  | { readonly is: 'signal'; readonly signal: string }
  | { readonly is: 'timeout'; readonly wallMs: number }
  | { readonly is: 'memory'; readonly rssBytes: number; readonly maxRssBytes: number }
  | { readonly is: 'output'; readonly maxOutputBytes: number }
  | { readonly is: 'stopped' }
  | { readonly is: 'lost'; readonly detail: string }

export interface ChildReport {
  readonly end: ChildEnd
  readonly durationMs: number
  /** The largest resident memory that was seen; 0 when it was never looked at. */
  readonly peakRssBytes: number
  /** The last of what it said on standard error. */
  readonly stderr: string
}

export interface RunningChild {
  /** Whole lines of its standard output, without the line ends. */
  readonly lines: AsyncIterable<string>
  /** Settles when the process is gone and its output was read; never rejects. */
  readonly ended: Promise<ChildReport>
  stop(): void
}

/** Children of the store: user SQL, backup, check, rescue. No environment, low priority, clock and memory watched. */
export interface JobRunner {
  start(job: ChildJob): RunningChild
}
