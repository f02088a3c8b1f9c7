import type { Command } from 'commander'
import type { ActDoor } from '../commands/act-door.ts'
import type { SearchContent } from '../commands/content-ports.ts'
import type { CaptureNow } from '../commands/evidence-ports.ts'
import type { LookHears } from '../commands/look-beside.ts'
import type { ProbePorts } from '../commands/machines-probe.ts'
import type { TrustPorts } from '../commands/machines-trust.ts'
import type { RecordPorts } from '../commands/record.ts'
import type { LoadedConfig, VcPaths } from '../config/index.ts'
import type { AskRequest, Reader, Reply } from '../core/carrier.ts'
import type { CockpitHooks, RunningCockpit } from '../core/cockpit.ts'
import type { ExitCode } from '../core/errors.ts'
import type { LookWish, NotLooked } from '../core/looked.ts'
import type { CliIo } from './io.ts'

/** How a person wants the cockpit. */
export interface TuiWish {
  readonly io: CliIo
  /** Who answers; without it the daemon on the socket. */
  readonly ask?: (request: AskRequest) => Promise<Reply>
  readonly screen?: string
  readonly theme?: string
  /** Rows below the prompt instead of a screen of its own. */
  readonly inlineRows?: number
  readonly refreshMs?: number
  readonly at?: Date
  readonly mouse: boolean
}

/** What main.ts hands to the command line. Everything heavy sits behind a function, so that `vc --help` loads none of it. */
export interface CliDeps {
  readonly io: CliIo
  readonly version: string
  /** The words after `vc`, as typed. */
  readonly argv: readonly string[]
  loadConfig(flag: string | undefined): Promise<LoadedConfig>
  /** Where a daemon would be found that runs with what a refused file said before. */
  placesDespite(flag: string | undefined): Promise<VcPaths>
  /** Whoever answers there; null when nobody does. */
  runningReader(paths: VcPaths): Promise<Reader | null>
  /** Daemon, embedded store or state file; throws VcError when nobody can answer. */
  openReader(loaded: LoadedConfig): Promise<Reader>
  /** Who owns the store right now, or null. */
  pingDaemon(loaded: Pick<LoadedConfig, 'paths'>): Promise<{
    readonly pid: number
    readonly version: string
    readonly startedAt: string
    /** Which code it was started from; null when it does not say. */
    readonly build: string | null
  } | null>
  /** The same of the code that runs here; null where it cannot be read. */
  ownBuild(): Promise<string | null>
  /** A configuration of recorded machines in a scratch folder; nothing of the user is touched. */
  demoConfig(): Promise<LoadedConfig>
  /** Becomes the owner of the store in this process. */
  startCockpit(
    loaded: LoadedConfig,
    hooks: CockpitHooks,
    options: { readonly demo: boolean; readonly configFlag: string | undefined; readonly oneLook?: LookWish },
  ): Promise<RunningCockpit>
  /** A look that the running daemon takes now; null when there is none, and nothing was looked at. */
  lookBeside(loaded: LoadedConfig, wish: LookWish, hears: LookHears): Promise<readonly NotLooked[] | null>
  /** The file that was started (bin/vc.js), for units and background starts. */
  readonly script: string
  /** Starts `vc daemon` in the background; returns its pid. */
  launchDaemon(configFlag: string | undefined, outputFile: string): number
  /** Begins that file anew when it has become large. */
  boundOutput(outputFile: string): void
  processPorts(): Promise<{ end(pid: number): boolean; alive(pid: number): boolean }>
  /** The robot surface, handed over by main.ts: surfaces do not know each other. */
  robotAnswer(
    ask: (request: AskRequest) => Promise<Reply>,
    topic: string,
    format: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly text: string; readonly exit: ExitCode }>
  /** `ofUsual`: no other configuration is named, so that examples may name what the usual daemon knows. */
  robotDocs(page: string, topic: string | undefined, ofUsual: boolean): Promise<string>
  probePorts(loaded: LoadedConfig): Promise<ProbePorts>
  trustPorts(loaded: LoadedConfig): Promise<TrustPorts>
  recordPorts(loaded: LoadedConfig): Promise<RecordPorts>
  /** How `vc explain` looks at an agent now: over the daemon that answered, else over a way of its own. */
  captureNow(loaded: LoadedConfig, carrier: Reader['carrier']): Promise<CaptureNow>
  /** How `vc search --content` asks machines, in the same way. */
  searchContent(loaded: LoadedConfig, carrier: Reader['carrier']): Promise<SearchContent>
  /** The way to whoever may act: the daemon, else this process. */
  openActDoor(loaded: LoadedConfig): Promise<ActDoor>
  /** The cockpit on the terminal, handed over by main.ts as well. Resolves when it is left. */
  openTui(load: () => Promise<LoadedConfig>, wish: TuiWish): Promise<void>
  /** Every command there is, for what must know them all (completion). */
  readonly entries: readonly CommandEntry[]
  /** Commands set it; the process ends with it. */
  readonly outcome: { exitCode: ExitCode }
}

/** One file in src/cli/commands exports this as `register`: describe the command, load what it needs inside the action. */
export type RegisterCommand = (program: Command, deps: CliDeps) => void

/** One line of the registry. Only the file of the command that was typed is loaded. */
export interface CommandEntry {
  readonly name: string
  readonly about: string
  readonly load: () => Promise<{ readonly register: RegisterCommand }>
}
