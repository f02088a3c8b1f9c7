import type { FleetSignals, MachineSignals } from '../alert-signals.ts'
import type { MachineView } from '../fleet-picture.ts'
import type { Rule } from '../rule.ts'
import { accountNearLimit } from './account-near-limit.ts'
import { agentErrorLoop } from './agent-error-loop.ts'
import { agentStalled } from './agent-stalled.ts'
import { agentWaits } from './agent-waits.ts'
import { backupFailed } from './backup-failed.ts'
import { budget } from './budget.ts'
import { cassStale } from './cass-stale.ts'
import { clockSkew } from './clock-skew.ts'
import { collectorRed } from './collector-red.ts'
import { contextFull } from './context-full.ts'
import { crashLoop } from './crash-loop.ts'
import { dcgDenies } from './dcg-denies.ts'
import { dirtyRepos } from './dirty-repos.ts'
import { disk } from './disk.ts'
import { inotifyLow } from './inotify-low.ts'
import { limitBeforeReset } from './limit-before-reset.ts'
import { loadHigh } from './load-high.ts'
import { mailBacklog } from './mail-backlog.ts'
import { mailOverdue } from './mail-overdue.ts'
import { networkUnknown } from './network-unknown.ts'
import { oomKills } from './oom-kills.ts'
import { orphansMemory } from './orphans-memory.ts'
import { ownCost } from './own-cost.ts'
import { ownRuleFailing } from './own-rule-failing.ts'
import { rchSaturated } from './rch-saturated.ts'
import { type StoreView, storeDiskFull } from './store-disk-full.ts'
import { swapRising } from './swap-rising.ts'
import { transcriptsDeleted } from './transcripts-deleted.ts'
import { unpricedModel } from './unpriced-model.ts'
import { unreachable } from './unreachable.ts'

/** The rule that speaks for a machine that cannot be reached; all others wait until it can. */
export const causeRule: Rule<MachineView> = unreachable

/** Rules over one machine. A file in this folder that is not here fails a test. */
export const machineRules = [disk, collectorRed] as const satisfies readonly Rule<MachineView>[]

/** Rules over what the sources of one machine say. */
export const signalRules = [
  loadHigh,
  swapRising,
  oomKills,
  inotifyLow,
  dcgDenies,
  networkUnknown,
  mailBacklog,
  mailOverdue,
  rchSaturated,
  cassStale,
  dirtyRepos,
  agentStalled,
  agentWaits,
  agentErrorLoop,
  crashLoop,
  contextFull,
  orphansMemory,
  transcriptsDeleted,
  clockSkew,
] as const satisfies readonly Rule<MachineSignals>[]

/** Rules over what belongs to no single machine. */
export const fleetRules = [
  accountNearLimit,
  limitBeforeReset,
  budget,
  unpricedModel,
  ownCost,
] as const satisfies readonly Rule<FleetSignals>[]

/** Rules over the store itself; their alerts belong to no machine. */
export const storeRules = [storeDiskFull, backupFailed] as const satisfies readonly Rule<StoreView>[]

/** Every rule vc brings along, for lists. */
export const builtInRules: readonly Pick<Rule<never>, 'id' | 'about' | 'holdMs' | 'clearMs'>[] = [
  causeRule,
  ...machineRules,
  ...signalRules,
  ...fleetRules,
  ...storeRules,
  ownRuleFailing,
]
