import type { Collector } from '../core/collector.ts'
import { git } from './git/index.ts'
import { probe } from './probe/index.ts'
import { tmux } from './tmux/index.ts'
import { toolVersions } from './tool-versions/index.ts'

/** Every collector, by hand: a test walks the folder and compares. One line each. */
export const collectors = [git, probe, tmux, toolVersions] as const satisfies readonly Collector[]
