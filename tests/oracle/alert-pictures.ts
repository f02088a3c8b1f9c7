import type { AgentSignal, FleetSignals, MachineSignals, SystemSignal } from '../../src/oracle/alert-signals.ts'
import type { MachineView } from '../../src/oracle/fleet-picture.ts'
import type { SourcePicture } from '../../src/oracle/status.ts'

export const source = (name: string, over: Partial<SourcePicture> = {}): SourcePicture => ({
  source: name, up: true, fault: null, detail: null, okAgeS: 3, intervalS: 30, consecutiveFailures: 0, bytes: 100, ...over,
}) // biome-ignore format: one source

const ALL = ['probe', 'dcg', 'rano', 'agent_mail', 'rch', 'cass', 'git', 'retention']

export const healthyMachine = (over: Partial<MachineView> = {}): MachineView => ({
  machineId: 'atlas', enabled: true, status: 'online', ageS: 3, staleAfterS: 35, cores: 4, cpuPct: 10, load5: 1, memUsedPct: 30,
  filesystems: [], redSources: [], dueSources: 1, statusReason: null, transportFailures: 0, transportFault: null,
  sources: ALL.map((name) => source(name)), ...over,
}) // biome-ignore format: one machine

export const system = (over: Partial<SystemSignal> = {}): SystemSignal => ({
  memTotalBytes: 16e9, swapUsedBytes: 0, swapUsedEarlierBytes: 0, swapOutPagesPerS: 0, oomKillsHour: 0, inotifyMaxWatches: 524_288, clockSkewMs: 4, ...over,
}) // biome-ignore format: one machine

export const agent = (over: Partial<AgentSignal> = {}): AgentSignal => ({
  agentId: 'atlas/claude-7k2m', cli: 'claude', state: 'working', reason: null, stateAgeS: 20, contextPct: 30, failures: 0, ...over,
}) // biome-ignore format: one agent

/** A machine on which nothing is wrong, but for what is said. */
export const signalsOf = (machine: MachineView, over: Partial<MachineSignals> = {}): MachineSignals => ({
  machine, nowMs: 0, unansweredMinutes: 5, system: system(), agents: [], crashes: [], orphans: null, enospcSessions: 0,
  dcg: null, unknownNetwork: null, mail: null, rch: null, cass: null, dirtyRepos: 0, retention: [], ...over,
}) // biome-ignore format: one machine

export const fleetSignals = (over: Partial<FleetSignals> = {}): FleetSignals => ({
  nowMs: 0, accounts: [], budgets: [], unpriced: [], self: null, selfLimits: { cpuPct: 25, rssBytes: 1e9 }, ...over,
}) // biome-ignore format: one fleet
