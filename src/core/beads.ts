/** Where an issue stands, from its status, its dependencies and its calendar. */
export const BEAD_STANDINGS = ['ready', 'in_progress', 'blocked', 'deferred', 'held', 'done'] as const
export type BeadStanding = (typeof BEAD_STANDINGS)[number]

/** What a status means to the graph; custom statuses bring their own category. An unknown one is not ready, but holds up others. */
export type BeadCategory = 'open' | 'in_progress' | 'blocked' | 'deferred' | 'held' | 'done' | 'unknown'

/** One issue as the graph sees it: no text. */
export interface BeadNode {
  readonly id: string
  readonly category: BeadCategory
  /** 0 is the most urgent, 4 the least; null: not told. */
  readonly priority: number | null
  readonly deferUntilMs: number | null
  /** Templates, messages and other beads nobody works on: never ready. */
  readonly quiet: boolean
}

/** `issue` waits on `on`, where the type is one that waits. */
export interface BeadLink {
  readonly issue: string
  readonly on: string
  readonly type: string
}

export interface BeadGraphQuestion {
  readonly nodes: readonly BeadNode[]
  readonly links: readonly BeadLink[]
  readonly nowMs: number
}

/** What the graph says of one issue. */
export interface BeadPlace {
  readonly id: string
  readonly standing: BeadStanding
  /** Issues it waits on that are not done, sorted. */
  readonly waitsOn: readonly string[]
  /** Issues that wait on nothing else than this one. */
  readonly unblocks: number
  /** Sums to 1 over all issues; flows from an issue to what it waits on. */
  readonly pagerank: number
  /** Number of shortest paths through it, not normalised; null: too large to compute. */
  readonly betweenness: number | null
  /** Longest chain of issues that wait on it, itself included. */
  readonly impact: number
  /** 0-1 for ready issues, null for the rest. */
  readonly score: number | null
  readonly reasons: readonly string[]
}

export interface BeadGraphAnswer {
  readonly places: readonly BeadPlace[]
  readonly nodeCount: number
  readonly edgeCount: number
  /** Each knot of issues that wait on one another, and each issue that waits on itself; ids sorted. */
  readonly cycles: readonly (readonly string[])[]
  /** The longest chain of open issues, first to be done first. */
  readonly criticalPath: readonly string[]
  readonly betweennessState: 'computed' | 'skipped'
}
