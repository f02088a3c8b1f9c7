import type { Sighting } from '../../core/agent.ts'
import type { Row } from '../../core/rows.ts'
import type { AccountObservation } from '../accounts/index.ts'
import type { FactColumns } from './pack.ts'

/** Where a message stands. Shared between facts of one file, so that it crosses a worker boundary once. */
export interface Place {
  readonly sessionId: string
  readonly parentSessionId: string | null
  readonly isSidechain: boolean
  readonly cwd: string | null
  /** Account logged in at this config home, known since a moment; earlier messages stay without one. */
  readonly account: KnownAccount | null
}

export interface KnownAccount {
  readonly key: string
  readonly sinceMs: number
}

/**
 * Tokens of one message in vc's convention: input excludes cache, output includes reasoning, reasoning is a part of output.
 * `key` is the message or response id; fallback `request:<id>`, then `record:<session>:<id>`.
 */
export interface UsageFact {
  readonly provider: string
  readonly key: string
  readonly tsMs: number
  readonly requestId: string | null
  readonly model: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWrite5mTokens: number
  readonly cacheWrite1hTokens: number
  readonly reasoningTokens: number
  readonly place: Place
  /** The same message was seen in several sessions. */
  readonly shared?: boolean
  /** Filled by `priceFacts`; null is unpriced. */
  readonly costMicrousd?: number | null
  readonly priceSource?: string | null
}

/** Everything known of one session after reading its file up to the cursor. Times in epoch ms. */
export interface SessionFact {
  readonly sessionId: string
  readonly parentSessionId: string | null
  readonly isSubagent: boolean
  readonly provider: string | null
  readonly cwd: string | null
  readonly gitBranch: string | null
  readonly cliVersion: string | null
  readonly model: string | null
  readonly entrypoint: string | null
  readonly startedMs: number | null
  readonly lastActivityMs: number | null
  readonly contextTokens: number | null
  readonly contextWindowTokens: number | null
  readonly lastError: string | null
  readonly lastErrorMs: number | null
}

/** A rate-limit observation and the response it came with; dropped when that response is a replay of another session's. */
export interface AccountFact {
  readonly observation: AccountObservation
  /** `ledgerKey` of the response; null when it stands for itself. */
  readonly responseKey: string | null
  /** When this file says the response came. An earlier one in the ledger makes this a copy. Epoch ms. */
  readonly responseMs: number
}

/** Where rows go that the kernel makes of usual answers. */
export interface RowSink {
  /** The number by which the kernel knows a place and who answered there, until rows of another sink are made; -1: none are. */
  at(place: Place, provider: string): number
  /** Empties the kernel's page when it is getting full; asked after each piece that may have made rows. */
  take(): void
}

/** Where a parser puts what it finds; everything else it reads is forgotten. */
export interface Sink {
  usage(fact: UsageFact): void
  readonly rows: RowSink
  account(fact: AccountFact): void
  /** Counts a kind of trouble, e.g. `malformed_line`; becomes one warning per kind. */
  trouble(kind: string): void
}

export interface ParserFile {
  readonly path: string
  readonly mtimeMs: number
  /** True when reading starts at byte 0. */
  readonly fresh: boolean
  readonly machineId: string
  /** Account of the config home the file lies in, where known. */
  readonly account: KnownAccount | null
  /** The config home the file lies in, where it is another than the machine's usual one. */
  readonly elsewhere?: string | null
}

/** Reads one file from where the cursor stood. Never throws for what the bytes say. */
export interface TranscriptParser {
  /** Whole lines, each ended by LF (mode `whole`: the whole file). The buffer is reused after the call. */
  feed(block: Buffer): void
  /** The newest records of a file whose other lines stayed on their machine: they tell when it was last written to. */
  newest?(records: readonly unknown[]): void
  /** Small JSON value that lets the next tick continue; null when there is nothing to remember. */
  state(): unknown
  /** Null until the file proved its identity. */
  session(): SessionFact | null
}

/** One kind of transcript: what differs between CLIs. The tail machinery does the rest. */
export interface TranscriptSource {
  /** Collector name and `cli` of the rows. */
  readonly name: 'claude' | 'codex' | 'gemini' | 'opencode'
  readonly version: string
  /** Config homes below the user's home, e.g. `.claude`. */
  readonly homes: readonly string[]
  /** Environment variables that name further homes (comma separated). */
  readonly homeVariables: readonly string[]
  /** Directories below a home that hold transcripts, e.g. `projects`. */
  readonly trees: readonly string[]
  readonly maxDepth: number
  readonly accepts: (fileName: string) => boolean
  /** `lines`: append-only JSONL read from the cursor; `whole`: re-read completely when it changed. */
  readonly mode: (fileName: string) => 'lines' | 'whole'
  readonly parser: (file: ParserFile, state: unknown, sink: Sink) => TranscriptParser
  /** State of the session by its newest records (JSON values, oldest first); null when they say nothing. */
  readonly readTail: ((records: readonly unknown[]) => Sighting | null) | null
  /** One of these stands in every line `readTail` can use. */
  readonly tailNeedles: readonly string[]
  readonly remote: RemoteFilter
  /** A small JSON file beside a config home of which only `keys` are ever read (Claude's account and quota cache). */
  readonly companion?: Companion
}

export interface Companion {
  /** Paths relative to a config home; the first that exists counts, `../` ones beside the usual home (`homes[0]`) alone. */
  readonly paths: readonly string[]
  /** Top-level keys; nothing else leaves the file. */
  readonly keys: readonly string[]
  readonly read: (picked: Readonly<Record<string, unknown>>, machineId: string) => CompanionFacts
}

export interface CompanionFacts {
  readonly accountKey: string | null
  readonly observations: readonly AccountObservation[]
}

/** How a remote machine cuts a file down to what matters before anything travels. Constant text, no remote data. */
export interface RemoteFilter {
  /** awk condition on `$0` for lines the ledger needs. */
  readonly matters: string
  /** `find -name` patterns. */
  readonly names: readonly string[]
  /** Keys whose text travels; all other text is cut. Without it only the keys known to hold words are cut. */
  readonly keeps?: readonly string[]
  /** `case` pattern of files of mode `whole`: they travel as one line, cut like any other. */
  readonly whole?: string
}

/** Position in one file; stored as the cursor with the file's path as key. */
export interface FileCursor {
  readonly inode: string
  /** Byte after the last LF that was consumed. */
  readonly offset: number
  readonly size: number
  readonly mtimeMs: number
  /** Hash of the first `headBytes` bytes (at most 256): tells a rewritten file from a grown one. */
  readonly head: string
  readonly headBytes: number
  /** Hash of the bytes right before `offset`: a file rewritten in place, and longer since, may well begin as it did. */
  readonly last?: string
  /** On a remote machine `head` covers the bytes right before this one, too: its lines are cut down before they come here. */
  readonly readTo?: number
  readonly state: unknown
  readonly session: SessionFact | null
  readonly sighting: Sighting | null
  /** A line did not fit into what one remote tick may carry: ask for this many bytes next time. */
  readonly needs?: number
  /** Inside a line too long to keep; skipped up to its LF. */
  readonly skipping?: boolean
  /** Begins with the mark of UTF-16: nothing of it is read, and each look says so. */
  readonly utf16?: boolean
}

/** What one scan of some files brought. */
export interface ScanOutcome {
  readonly usage: readonly UsageFact[]
  /** Further usage in columns, as a worker brought it. */
  readonly columns?: readonly FactColumns[]
  readonly accounts: readonly AccountFact[]
  readonly files: readonly { readonly path: string; readonly cursor: FileCursor }[]
  /** Rows of `prices` for what was applied. */
  readonly prices: readonly Row[]
  readonly bytesRead: number
  readonly trouble: Readonly<Record<string, number>>
}
