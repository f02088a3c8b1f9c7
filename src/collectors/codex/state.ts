import type { Counters } from './tokens.ts'

/** What the next tick must know to go on in the middle of a rollout. JSON; lives in the cursor. */
export interface CodexState {
  threadId: string | null
  /** Oldest known ancestor: counters of copied history are keyed by it. */
  rootId: string | null
  parentId: string | null
  isSubagent: boolean
  createdMs: number | null
  provider: string | null
  cwd: string | null
  cliVersion: string | null
  entrypoint: string | null
  gitBranch: string | null
  model: string | null
  turnId: string | null
  turnStartedMs: number | null
  /** Restarts of the counters: since the file began, and in this turn. */
  epoch: number
  turnEpoch: number
  counters: Counters | null
  /** The file has `token_usage_record`s: they alone count. */
  hasRecords: boolean
  /** Something was counted from counters. */
  counted: boolean
  responseKey: string | null
  responseMs: number | null
  startedMs: number | null
  lastActivityMs: number | null
  contextTokens: number | null
  contextWindowTokens: number | null
  lastError: string | null
  lastErrorMs: number | null
  /** Last kept observation per window: `[used percent, reset minute, epoch ms]`. */
  series: Record<string, [number | null, number | null, number]>
}

export const freshState = (): CodexState => ({
  threadId: null,
  rootId: null,
  parentId: null,
  isSubagent: false,
  createdMs: null,
  provider: null,
  cwd: null,
  cliVersion: null,
  entrypoint: null,
  gitBranch: null,
  model: null,
  turnId: null,
  turnStartedMs: null,
  epoch: 0,
  turnEpoch: 0,
  counters: null,
  hasRecords: false,
  counted: false,
  responseKey: null,
  responseMs: null,
  startedMs: null,
  lastActivityMs: null,
  contextTokens: null,
  contextWindowTokens: null,
  lastError: null,
  lastErrorMs: null,
  series: {},
})
