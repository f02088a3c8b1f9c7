import type { Collector } from '../core/collector.ts'
import { probe } from './probe/index.ts'
import { tmux } from './tmux/index.ts'

/** Every collector, by hand: a test walks the folder and compares. One line each. */
export const collectors = [probe, tmux] as const satisfies readonly Collector[]
