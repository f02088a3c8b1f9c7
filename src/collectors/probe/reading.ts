/** One look at a machine in vc's own words, before anything is compared with the look before. */
export interface ProbeReading {
  readonly os: string
  readonly facts: ProbeFacts
  /** Remote wall clock, epoch seconds. */
  readonly epochS: number | null
  /** Remote uptime: the clock of every delta. */
  readonly uptimeS: number | null
  readonly clkTck: number
  /** Epoch seconds of the boot, where process start times are counted from it. */
  readonly bootedS: number | null
  readonly system: SystemReading
  /** Counters since boot, by name: `cpu:idle`, `disk:vda:read_bytes`, `psi:io:some`, … */
  readonly counters: ReadonlyMap<string, bigint>
  readonly filesystems: readonly Filesystem[] | null
  readonly pressure: readonly Pressure[]
  /** Null when the section did not arrive. */
  readonly processes: readonly ProcessReading[] | null
  readonly agents: readonly AgentReading[] | null
  /** Name to where it was found; null when the tool lane was not asked. */
  readonly tools: ReadonlyMap<string, ToolReading> | null
  /** Rows that arrived and could not be read as what their section says. */
  readonly unreadableRows: number
  readonly partial: boolean
  readonly tookS: number | null
}

/** What identifies a machine; the daemon merges it into `machines`. */
export interface ProbeFacts {
  readonly hostname: string | null
  readonly os: string
  readonly osVersion: string | null
  readonly kernel: string | null
  readonly bootId: string | null
  readonly cores: number | null
}

export interface SystemReading {
  /** Only where no counter exists (Darwin): a decaying average of all processes, per machine. */
  readonly cpuDecayedPct: number | null
  readonly load: readonly [number | null, number | null, number | null]
  readonly procsRunning: number | null
  readonly procsBlocked: number | null
  readonly procsTotal: number | null
  readonly memTotalBytes: bigint | null
  readonly memAvailableBytes: bigint | null
  readonly swapTotalBytes: bigint | null
  readonly swapUsedBytes: bigint | null
  readonly cgroupMaxBytes: bigint | null
  readonly cgroupUsedBytes: bigint | null
  readonly tempCpuCelsius: number | null
  readonly gpuPct: number | null
  /** The NVIDIA driver is loaded, so the gpu lane is worth its cost. */
  readonly nvidia: boolean
  readonly inotifyMaxWatches: bigint | null
  readonly inotifyMaxInstances: bigint | null
  readonly rebootRequired: boolean | null
}

export interface Filesystem {
  readonly mount: string
  readonly type: string | null
  readonly sizeBytes: bigint
  readonly usedBytes: bigint
  readonly availBytes: bigint
  readonly inodesTotal: bigint | null
  readonly inodesFree: bigint | null
}

export interface Pressure {
  readonly resource: string
  readonly kind: string
  readonly avg10Pct: number | null
  readonly avg60Pct: number | null
  readonly avg300Pct: number | null
}

export interface ProcessReading {
  readonly pid: number
  readonly ppid: number
  readonly state: string
  readonly tty: string | null
  /** Identity of the process beside its pid: ticks after boot (Linux), local wall seconds of its start (Darwin). */
  readonly startTicks: bigint
  readonly startedAtMs: number | null
  /** CPU used since it started, in `clkTck`ths of a second. */
  readonly ticks: number
  readonly ageS: number | null
  readonly rssBytes: bigint
  readonly threads: number | null
  readonly comm: string | null
}

export interface AgentReading {
  readonly pid: number
  /** Agent name without decoration: claude, codex, aider, … */
  readonly kind: string
  readonly how: 'exe' | 'script'
  readonly argv0: string | null
  readonly script: string | null
  readonly flags: string | null
  readonly subcommand: string | null
  readonly cwd: string | null
}

export interface ToolReading {
  readonly path: string
  readonly mtimeS: bigint | null
  readonly sizeBytes: bigint | null
}
