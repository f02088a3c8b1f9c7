import { sourceStanding } from '../core/faults.ts'
import type { MachineView } from './fleet-picture.ts'
import type { LimitForecast } from './forecast/rate-limit.ts'
import type { SourcePicture } from './status.ts'

/** Memory, kernel and clock of one machine. Null: not measured. */
export interface SystemSignal {
  readonly memTotalBytes: number | null
  readonly swapUsedBytes: number | null
  /** Some ten minutes ago. */
  readonly swapUsedEarlierBytes: number | null
  readonly swapOutPagesPerS: number | null
  readonly oomKillsHour: number | null
  readonly inotifyMaxWatches: number | null
  readonly clockSkewMs: number | null
}

/** A living agent as the rules see it. */
export interface AgentSignal {
  readonly agentId: string
  readonly cli: string
  readonly state: string | null
  readonly reason: string | null
  /** Seconds in this state; null: not known. */
  readonly stateAgeS: number | null
  /** 0-100; null: the CLI does not say. */
  readonly contextPct: number | null
  /** How often it failed in the last half hour. */
  readonly failures: number
}

/** What the other sources of one machine say. Null: that source is not there, or said nothing. */
export interface MachineNews {
  readonly system: SystemSignal | null
  readonly agents: readonly AgentSignal[]
  /** Agents that ended soon after they began in the last half hour, by CLI and folder. */
  readonly crashes: readonly { readonly cli: string; readonly place: string; readonly count: number }[]
  /** Agent processes that nobody started any more and no terminal shows. */
  readonly orphans: { readonly processes: number; readonly rssBytes: number } | null
  /** Sessions whose last error named a full disk or watch limit in the last hour. */
  readonly enospcSessions: number
  readonly dcg: { readonly deniesHour: number; readonly newCritical: readonly string[] } | null
  readonly unknownNetwork: { readonly connections: number; readonly examples: readonly string[] } | null
  readonly mail: { readonly urgentUnread: number; readonly overdueAcks: number } | null
  readonly rch: { readonly queueDepth: number | null; readonly workersAvailable: number | null } | null
  readonly cass: { readonly state: string; readonly indexAgeS: number | null } | null
  readonly dirtyRepos: number
  /** Warnings that a CLI will delete its transcripts. */
  readonly retention: readonly string[]
}

/** Everything the rules of one machine look at, beside the machine itself. */
export interface MachineSignals extends MachineNews {
  readonly machine: MachineView
  readonly nowMs: number
  /** Minutes an agent may wait for a person. */
  readonly unansweredMinutes: number
}

export interface AccountSignal {
  readonly provider: string
  readonly account: string
  readonly label: string | null
  readonly window: string
  readonly limitId: string
  /** Null: not known now. */
  readonly usedPct: number | null
  readonly stale: boolean
  readonly resetsAt: string | null
  /** Null: there is nothing to forecast from. */
  readonly forecast: Pick<
    LimitForecast,
    'outlook' | 'minutesToLimit' | 'minutesToReset' | 'probability' | 'interval' | 'confidence'
  > | null
}

export interface BudgetSignal {
  readonly period: 'day' | 'month'
  readonly limitMicrousd: number
  readonly spentMicrousd: number
  readonly unpricedTokens: number
}

/** What belongs to no single machine. Null: not looked at yet. */
export interface FleetSignals {
  readonly nowMs: number
  readonly accounts: readonly AccountSignal[] | null
  readonly budgets: readonly BudgetSignal[] | null
  readonly unpriced:
    | readonly { readonly provider: string; readonly model: string | null; readonly tokens: number }[]
    | null
  readonly self: { readonly cpuPct: number | null; readonly rssBytes: number; readonly minutes: number } | null
  readonly selfLimits: { readonly cpuPct: number; readonly rssBytes: number }
}

/** Whether a rule may speak from a source: it is not there, it cannot be trusted now, or it answers. */
export const sourceSays = (
  { sources }: { readonly sources: readonly SourcePicture[] },
  names: readonly string[],
): 'absent' | 'red' | 'fresh' => {
  const mine = sources.filter((source) => names.includes(source.source))
  if (mine.some((source) => source.up)) return 'fresh'
  const there = mine.filter((source) => sourceStanding(source) !== 'absent')
  return there.length === 0 ? 'absent' : 'red'
}
