import type { Bench } from '../bench.ts'
import { ledger } from '../ledger.ts'
import { agentStates } from './agent-states.ts'
import { engineHosts } from './engine-hosts.ts'
import { firstTable } from './first-table.ts'
import { idle } from './idle.ts'
import { killNine } from './kill-nine.ts'
import { manyMachines } from './many-machines.ts'
import { missions } from './missions.ts'
import { oracleLoad } from './oracle-load.ts'
import { rateLimits } from './rate-limits.ts'
import { robotHealth } from './robot-health.ts'
import { sickNeighbours } from './sick-neighbours.ts'
import { stuck } from './stuck.ts'
import { timeMachine } from './time-machine.ts'
import { tuiFirstPaint, tuiIdle, tuiKeys, tuiSoak } from './tui.ts'
import { warmPolls } from './warm-polls.ts'
import { wholeRegistry } from './whole-registry.ts'

export const benches: readonly Bench[] = [
  robotHealth,
  firstTable,
  idle,
  warmPolls,
  manyMachines,
  wholeRegistry,
  sickNeighbours,
  killNine,
  ledger,
  agentStates,
  rateLimits,
  stuck,
  oracleLoad,
  timeMachine,
  missions,
  engineHosts,
  tuiFirstPaint,
  tuiIdle,
  tuiKeys,
  tuiSoak,
]
