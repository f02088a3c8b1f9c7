import type { BeadGraphAnswer, BeadGraphQuestion } from '../core/beads.ts'
import { judgeBeads } from './beads-graph.ts'

/** Job of the worker pool: ten thousand issues take most of a second, which no other machine should wait for. */
export const run = (payload: unknown): BeadGraphAnswer => judgeBeads(payload as BeadGraphQuestion)
