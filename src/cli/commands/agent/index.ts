import type { RegisterCommand } from '../../deps.ts'
import { adopt } from './adopt.ts'
import { approve } from './approve.ts'
import { compact } from './compact.ts'
import { distributeTask } from './distribute.ts'
import { handoff } from './handoff.ts'
import { interrupt } from './interrupt.ts'
import { listAgents } from './list.ts'
import { agentLogs } from './logs.ts'
import { nudge } from './nudge.ts'
import { pause } from './pause.ts'
import { pool } from './pool.ts'
import { recover } from './recover.ts'
import { reject } from './reject.ts'
import { release } from './release.ts'
import { restart } from './restart.ts'
import { send } from './send.ts'
import { showAgent } from './show.ts'
import { spawn } from './spawn.ts'
import { stop } from './stop.ts'
import { unpause } from './unpause.ts'

/** Every `vc agent …`, in the order help shows them. To add one: a file beside this one, and a line here. */
export const agentVerbs: readonly RegisterCommand[] = [
  listAgents,
  showAgent,
  spawn,
  pool,
  distributeTask,
  send,
  nudge,
  approve,
  reject,
  interrupt,
  compact,
  adopt,
  release,
  handoff,
  pause,
  unpause,
  restart,
  stop,
  recover,
  agentLogs,
]
