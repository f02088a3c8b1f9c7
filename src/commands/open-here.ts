import type { Executor } from '../core/executor.ts'
import { openLocalExecutor } from '../transport/local.ts'

/** The way to the machine vc runs on. */
export const openHere = (): Executor => openLocalExecutor()
