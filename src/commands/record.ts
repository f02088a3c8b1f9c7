import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { collectorSettings, isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import type { Collector } from '../core/collector.ts'
import { EXIT, usageError, VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import { suggestName } from '../core/nearest.ts'
import type { Row, ScrapeRun } from '../core/rows.ts'
import { rowCount } from '../core/rows.ts'
import { openReplay } from '../transport/replay.ts'
import { type Recorder, recordFrame } from '../transport/replay-record.ts'
import { type Names, type Scrubber, scrubber } from './record-scrub.ts'

/** What was learned about a machine so far: the rows of each table, and every collector's cursors. */
export interface LookMemory {
  readonly tables: Map<string, readonly Row[]>
  readonly cursors: Map<string, ReadonlyMap<string, unknown>>
}

export const emptyMemory = (): LookMemory => ({ tables: new Map(), cursors: new Map() })

export interface RecordPorts {
  readonly collectors: readonly Collector[]
  /** The way to a machine, this one too; closed by whoever asked. */
  open(machine: MachineConfig): Promise<Executor>
  look(
    executor: Executor,
    collector: Collector,
    memory: LookMemory,
    options: Readonly<Record<string, unknown>>,
  ): Promise<ScrapeRun>
}

export interface RecordWish {
  readonly collector: string
  /** Absent: this machine. */
  readonly machine?: string | undefined
  /** Directories an agent is taken to work in: git and beads look at those. */
  readonly dirs: readonly string[]
  /** Folder that gets `<collector>/<name>`. */
  readonly into: string
  /** Absent: `recorded-<date>`. */
  readonly name?: string | undefined
  readonly today: Date
}

/** How a look went: up or why not, and how many rows. */
export interface LookEnd {
  readonly fault: string | null
  readonly detail: string | null
  readonly rows: number
}

export interface RecordReport {
  readonly collector: string
  readonly dir: string
  readonly real: LookEnd
  /** The recording, read by the same collector. */
  readonly played: LookEnd
  /** Asks that the recording cannot answer. */
  readonly complaints: readonly string[]
  /** What was taken out, and how often. */
  readonly scrubbed: ReturnType<Scrubber['counts']>
}

interface Target {
  readonly collector: Collector
  readonly machine: MachineConfig
  readonly options: Readonly<Record<string, unknown>>
  readonly dirs: readonly string[]
}

const USE = 'vc record <collector> [-m machine]'

function targetOf(wish: RecordWish, { config }: LoadedConfig, all: readonly Collector[]): Target {
  const names = all.map(({ name }) => name)
  const collector = all.find(({ name }) => name === wish.collector)
  if (collector === undefined)
    throw usageError(
      'unknown_collector',
      `no collector '${wish.collector}'; ${suggestName(wish.collector, names)}`,
      USE,
    )
  const machine = config.machines.find((one) => (wish.machine === undefined ? isLocal(one) : one.id === wish.machine))
  if (machine === undefined) {
    const ids = config.machines.map(({ id }) => id)
    const which = wish.machine === undefined ? 'this machine is not configured' : `no machine '${wish.machine}'`
    throw usageError('unknown_machine', `${which}; ${suggestName(wish.machine ?? '', ids)}`, `name one with -m: ${USE}`)
  }
  return { collector, machine, dirs: wish.dirs, options: collectorSettings(config, machine, collector).options }
}

const WHO = 'id -un; hostname 2>/dev/null || uname -n; printf \'%s\\n\' "$HOME"\n'

async function namesOf(executor: Executor, machine: MachineConfig): Promise<Names> {
  const ran = await executor.run({ script: WHO, deadlineMs: 15_000, maxStdout: 4_096, maxStderr: 4_096 })
  if (ran.class !== 'ok')
    throw new VcError(
      'unreachable',
      `${machine.id}: ${ran.class} ${ran.detail ?? ''}`,
      `vc machines probe ${machine.id}`,
    )
  const [user = '', host = '', home = ''] = Buffer.from(ran.stdout).toString('utf8').split('\n')
  const target = machine.ssh.replace(/^.*@/, '').replace(/:\d+$/, '')
  const hosts = [host, host.split('.')[0] ?? '', target, machine.id, isLocal(machine) ? hostname() : '']
  return { user, home, hosts: [...new Set(hosts)] }
}

/** What is recorded may have been read and corrected by a person since: it is never written over. */
function newDir({ into, name, today }: RecordWish, collector: string): string {
  const wanted = name ?? `recorded-${today.toISOString().slice(0, 10)}`
  if (!/^[\w][\w.-]{0,99}$/.test(wanted))
    throw usageError('bad_name', `'${wanted}' is no name for a folder`, 'use letters, digits, dots and dashes')
  const dir = join(into, collector, wanted)
  if (existsSync(dir))
    throw new VcError(
      'exists',
      `${dir} is there already, and a recording is never overwritten`,
      'choose another --name',
      {
        exitCode: EXIT.refused,
      },
    )
  return dir
}

/** What other collectors know first: panes are read by the terminals of agents, checkouts by where agents work. */
async function knownBefore(executor: Executor, { collector, dirs }: Target, ports: RecordPorts): Promise<LookMemory> {
  const memory = emptyMemory()
  const probe = ports.collectors.find(({ name }) => name === 'probe')
  if (dirs.length > 0)
    memory.tables.set(
      'latest_agent_processes',
      dirs.map((cwd) => ({ cwd })),
    )
  else if (probe !== undefined && collector.name !== 'probe') await ports.look(executor, probe, memory, {})
  return memory
}

type Scrub = (text: string) => string

const scrubbedCell = (cell: unknown, scrub: Scrub): unknown =>
  typeof cell === 'string' ? scrub(cell) : Array.isArray(cell) ? cell.map((one) => scrubbedCell(one, scrub)) : cell

const scrubbedRow = (row: Readonly<Record<string, unknown>>, scrub: Scrub): Row =>
  Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, scrubbedCell(cell, scrub)])) as Row

/** The same knowledge as whoever plays the recording will have it. */
const scrubbedTables = ({ tables }: LookMemory, scrub: Scrub): LookMemory => ({
  tables: new Map([...tables].map(([name, rows]) => [name, rows.map((row) => scrubbedRow(row, scrub))])),
  cursors: new Map(),
})

/** The real look, twice: the second shows what is asked when something is known already. */
async function record(target: Target, recorder: Recorder, memory: LookMemory, { look }: RecordPorts, today: Date) {
  const { collector, machine, options } = target
  const first = await look(recorder, collector, memory, options)
  await look(recorder, collector, memory, options)
  recorder.save({
    date: today.toISOString().slice(0, 10),
    collector: collector.name,
    collectorVersion: collector.version,
    toolVersion: first.sourceVersion ?? null,
    transport: isLocal(machine) ? 'local' : machine.transport,
  })
  return first
}

const endOf = (run: ScrapeRun): LookEnd => ({
  fault: run.up ? null : run.fault,
  detail: run.detail,
  rows: run.batches.reduce((sum, batch) => sum + rowCount(batch), 0),
})

/**
 * Records what a real collector asks a real machine as a fixture that can be played, with names, homes, addresses, ids and
 * keys taken out, and plays it back once. Writes into a new folder only; throws `exists` where there is one.
 */
export async function recordCollector(
  wish: RecordWish,
  loaded: LoadedConfig,
  ports: RecordPorts,
): Promise<RecordReport> {
  const target = targetOf(wish, loaded, ports.collectors)
  const { collector } = target
  const dir = newDir(wish, collector.name)
  const executor = await ports.open(target.machine)
  try {
    const scrub = scrubber(await namesOf(executor, target.machine))
    const memory = await knownBefore(executor, target, ports)
    const forPlay = scrubbedTables(memory, scrub)
    mkdirSync(dir, { recursive: true })
    const about = `${collector.name} of a real machine`
    const real = await record(target, recordFrame(executor, { dir, about, scrub }), memory, ports, wish.today)
    const replay = openReplay({ dir })
    // What the recording cannot answer would otherwise be found only much later.
    const played = await ports.look(replay, collector, forPlay, scrubbedRow(target.options, scrub))
    await replay.close()
    const { complaints } = replay
    return {
      collector: collector.name,
      dir,
      real: endOf(real),
      played: endOf(played),
      complaints,
      scrubbed: scrub.counts(),
    }
  } finally {
    await executor.close()
  }
}
