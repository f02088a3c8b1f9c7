import type { RegisterCommand } from '../../deps.ts'
import { adopt } from './adopt.ts'
import { approve } from './approve.ts'
import { compact } from './compact.ts'
import { interrupt } from './interrupt.ts'
import { nudge } from './nudge.ts'
import { reject } from './reject.ts'
import { release } from './release.ts'
import { send } from './send.ts'

/** Every `vc agent …`, in the order help shows them. To add one: a file beside this one, and a line here. */
export const agentVerbs: readonly RegisterCommand[] = [send, nudge, approve, reject, interrupt, compact, adopt, release]
