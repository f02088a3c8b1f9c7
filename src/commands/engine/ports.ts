import type { Refusal } from '../../core/action.ts'
import type { AgentAdapter } from '../../core/agent-adapter.ts'
import type { Executor } from '../../core/executor.ts'
import type { SessionHost } from '../../core/session-host.ts'
import type { RestartPace } from '../../engine/restart.ts'
import type { EngineBook } from './book.ts'

/** Numbers of `[engine]` in vc.toml, as the engine uses them. */
export interface EngineKeys {
  readonly maxAgents: (machineId: string) => number
  readonly pace: RestartPace
  readonly stopGraceMs: number
  readonly logMaxBytes: number
  readonly logFiles: number
  /** `<cli>.<tier>` to the model named to that CLI; absent: its own default. */
  readonly modelOf: (cli: string, tier: string) => string | null
}

/** What starting, stopping and watching agents needs from outside. */
export interface EnginePorts {
  /** Marks the processes of this vc's agents (`VC_HUB`), so that two cockpits on one machine do not judge each other's. */
  readonly hub: string
  readonly book: EngineBook
  /** vc's own terminals on that machine. Throws VcError for a machine vc does not know. */
  host(machineId: string): Promise<SessionHost>
  /** The way to that machine, the same as its terminals have. */
  executor(machineId: string): Promise<Executor>
  /** Which boot of the machine this is; null: it could not be asked or does not say. */
  bootId(machineId: string): Promise<string | null>
  adapter(cli: string): AgentAdapter | null
  /** Makes a worktree of the repository around this folder for an agent, or says why not. */
  worktree(agent: {
    readonly machineId: string
    readonly agentId: string
    readonly cwd: string
    readonly by: string
  }): Promise<{ readonly path: string; readonly branch: string } | Refusal>
  keys(): EngineKeys
  now(): Date
}
