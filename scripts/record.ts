// Records a real collector on a real machine as a fixture that can be played: npm run record -- <collector> [-m machine] [--config f] [--cwd dir]
import { existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { collectors } from '../src/collectors/index.ts'
import { isLocal, type LoadedConfig, loadConfig, type MachineConfig } from '../src/config/index.ts'
import type { Collector } from '../src/core/collector.ts'
import { messageOf, usageError, VcError } from '../src/core/errors.ts'
import type { Executor } from '../src/core/executor.ts'
import { suggestName } from '../src/core/nearest.ts'
import type { Row, ScrapeRun } from '../src/core/rows.ts'
import { openWays } from '../src/main-ways.ts'
import { openLocalExecutor } from '../src/transport/local.ts'
import { openReplay } from '../src/transport/replay.ts'
import { type Recorder, recordFrame } from '../src/transport/replay-record.ts'
import { emptyMemory, lookOnce, type Memory } from './record/look.ts'
import { type Names, scrubber } from './record/scrub.ts'

const USE = 'npm run record -- <collector> [-m machine] [--config file] [--cwd dir]'

interface Wish {
  readonly collector: Collector
  readonly machine: MachineConfig
  readonly loaded: LoadedConfig
  /** Directories an agent is taken to work in: git looks at those. */
  readonly dirs: readonly string[]
  readonly into: string
}

function wishOf(argv: readonly string[]): Wish {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      machine: { type: 'string', short: 'm' },
      config: { type: 'string' },
      cwd: { type: 'string', multiple: true, default: [] },
      into: { type: 'string', default: join(import.meta.dirname, '../tests/fixtures') },
    },
  })
  const names = collectors.map(({ name }) => name)
  const wanted = positionals[0] ?? ''
  const collector = collectors.find(({ name }) => name === wanted)
  if (collector === undefined)
    throw usageError('unknown_collector', `no collector '${wanted}'; ${suggestName(wanted, names)}`, USE)
  const loaded = loadConfig(values.config)
  const { machines } = loaded.config
  const machine = machines.find((one) => (values.machine === undefined ? isLocal(one) : one.id === values.machine))
  if (machine === undefined) {
    const ids = machines.map(({ id }) => id)
    const which = values.machine === undefined ? 'this machine is not configured' : `no machine '${values.machine}'`
    throw usageError(
      'unknown_machine',
      `${which}; ${suggestName(values.machine ?? '', ids)}`,
      `name one with -m: ${USE}`,
    )
  }
  return { collector, machine, loaded, dirs: values.cwd, into: values.into }
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

const freeDir = (into: string, collector: string): string => {
  const base = join(into, collector, `recorded-${new Date().toISOString().slice(0, 10)}`)
  for (let n = 1; ; n += 1) {
    const dir = n === 1 ? base : `${base}-${n}`
    if (!existsSync(dir)) return dir
  }
}

/** What other collectors know first: panes are read by the terminals of agents, checkouts by where agents work. */
async function knownBefore(executor: Executor, { collector, dirs }: Wish): Promise<Memory> {
  const memory = emptyMemory()
  const probe = collectors.find(({ name }) => name === 'probe')
  if (dirs.length > 0)
    memory.tables.set(
      'latest_agent_processes',
      dirs.map((cwd) => ({ cwd })),
    )
  else if (probe !== undefined && collector.name !== 'probe') await lookOnce(executor, probe, memory)
  return memory
}

const scrubbedRow = (row: Row, scrub: (text: string) => string): Row =>
  Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, typeof cell === 'string' ? scrub(cell) : cell]))

/** The same knowledge as whoever plays the recording will have it. */
const scrubbedTables = ({ tables }: Memory, scrub: (text: string) => string): Memory => ({
  tables: new Map([...tables].map(([name, rows]) => [name, rows.map((row) => scrubbedRow(row, scrub))])),
  cursors: new Map(),
})

/** The real look, twice: the second shows what is asked when something is known already. */
async function record({ collector, machine }: Wish, recorder: Recorder, memory: Memory): Promise<ScrapeRun> {
  const first = await lookOnce(recorder, collector, memory)
  await lookOnce(recorder, collector, memory)
  recorder.save({
    date: new Date().toISOString().slice(0, 10),
    collector: collector.name,
    collectorVersion: collector.version,
    toolVersion: first.sourceVersion ?? null,
    transport: isLocal(machine) ? 'local' : machine.transport,
  })
  return first
}

/** Plays the recording to the same collector: what it cannot answer would be found only much later. */
async function playBack(collector: Collector, dir: string, memory: Memory) {
  const executor = openReplay({ dir })
  const run = await lookOnce(executor, collector, memory)
  await executor.close()
  return { run, complaints: executor.complaints }
}

const rowsIn = (run: ScrapeRun): number => run.batches.reduce((sum, { rows }) => sum + rows.length, 0)

async function main(argv: readonly string[]): Promise<number> {
  const wish = wishOf(argv)
  const { machine, loaded } = wish
  const executor = isLocal(machine) ? openLocalExecutor() : await openWays(loaded).open(machine)
  try {
    const scrub = scrubber(await namesOf(executor, machine))
    const dir = freeDir(wish.into, wish.collector.name)
    mkdirSync(dir, { recursive: true })
    const memory = await knownBefore(executor, wish)
    const forPlay = scrubbedTables(memory, scrub)
    const about = `${wish.collector.name} of a real machine`
    const real = await record(wish, recordFrame(executor, { dir, about, scrub }), memory)
    const say = (text: string) => process.stdout.write(`${text}\n`)
    say(`${wish.collector.name}: ${real.up ? 'up' : `${real.fault}: ${real.detail}`}, ${rowsIn(real)} rows`)
    const { run, complaints } = await playBack(wish.collector, dir, forPlay)
    say(`played back: ${run.up ? 'up' : `${run.fault}: ${run.detail}`}, ${rowsIn(run)} rows`)
    for (const complaint of complaints) say(`  ${complaint}`)
    say(`wrote ${relative(process.cwd(), dir) || dir}`)
    say("read it before you commit it: names are taken out where vc knows them, screens and paths are other people's")
    return real.fault === run.fault ? 0 : 1
  } finally {
    await executor.close()
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const fix = error instanceof VcError ? error.fix : USE
  process.stderr.write(`record: ${messageOf(error)}\n  fix: ${fix}\n`)
  process.exitCode = error instanceof VcError ? error.exitCode : 2
}
