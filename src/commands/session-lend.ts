import type { AttachPlan } from '../core/session-host.ts'
import { lendTerminal } from '../transport/terminal-child.ts'

/** A seat at a terminal, until the person leaves it; the exit status of what carried it. */
export const lendTo = ({ argv, unsetEnv }: AttachPlan): Promise<number> => lendTerminal(argv, unsetEnv)
