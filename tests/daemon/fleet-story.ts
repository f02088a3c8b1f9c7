import { afterEach, beforeEach, vi } from 'vitest'
// A fleet without machines: collectors that wait for the test, a store that keeps what it is given and complains.
import { type MachineConfig, parseConfig, type VcConfig } from '../../src/config/index.ts'
import { type Collector, type CollectResult, defineCollector } from '../../src/core/collector.ts'
import type { Executor, RunClass, RunRequest, RunResult } from '../../src/core/executor.ts'
import { silentLog } from '../../src/core/log.ts'
import type { AppendOutcome, ScrapeRun } from '../../src/core/rows.ts'
import type { FleetPorts } from '../../src/daemon/fleet-ports.ts'
import type { Store } from '../../src/store/index.ts'
import { readFrame } from '../../src/transport/frame.ts'
import { writeFrame } from '../../src/transport/replay-frame.ts'

export const configOf = (ids: readonly string[], more = ''): VcConfig => {
  const blocks = ids.map((id) => `[[machines]]\nid = "${id}"\nssh = "ann@${id}"\n`)
  const { config, problems } = parseConfig(`${more}\n${blocks.join('\n')}`, 'vc.toml')
  if (config === null) throw new Error(JSON.stringify(problems))
  return config
}

/** A collector that ends when the test says so. */
export const heldCollector = (name: string, intervalS = 10) => {
  const waiting: {
    machine: string
    cursors: ReadonlyMap<string, unknown>
    options: Readonly<Record<string, unknown>>
    end(result?: CollectResult): void
  }[] = []
  const collector: Collector = defineCollector({
    name,
    version: '1.0.0',
    schemaVersion: 1,
    tables: [],
    interval: { localS: intervalS, remoteS: intervalS },
    timeoutMs: 1_000,
    // The pace does not shorten this one.
    remoteTimeoutMs: 3_600_000,
    needs: [],
    about: '',
    collect: (ctx) =>
      new Promise((resolve) =>
        waiting.push({
          machine: ctx.machine.id,
          cursors: new Map(ctx.cursors),
          options: ctx.options,
          end: (result = { batches: [] }) => resolve(result),
        }),
      ),
  })
  return { collector, waiting }
}

/** A collector that asks its machine one thing. */
export const askingCollector = (name: string, intervalS = 10): Collector =>
  defineCollector({
    name,
    version: '1.0.0',
    schemaVersion: 1,
    tables: [],
    interval: { localS: intervalS, remoteS: intervalS },
    timeoutMs: 8_000,
    needs: [],
    about: '',
    async collect(ctx) {
      await ctx.run({ script: 'true' })
      return { batches: [] }
    },
  })

export const STORED: AppendOutcome = { ok: true, inserted: 0, duplicates: 0 }

const TOOL_COLUMNS = [
  { name: 'machine_id', type: 'VARCHAR' },
  { name: 'tool_name', type: 'VARCHAR' },
  { name: 'available', type: 'BOOLEAN' },
  { name: 'path', type: 'VARCHAR' },
]
const TOOLS = { columns: TOOL_COLUMNS, byName: new Map(TOOL_COLUMNS.map((column) => [column.name, column])) }

/** Takes runs as the test decides, and throws for whoever writes after it was closed. */
export const fakeStore = () => {
  const appended: ScrapeRun[] = []
  const late: string[] = []
  const state = {
    closed: false,
    /** How an append ends; may wait. */
    outcome: async (_run: ScrapeRun): Promise<AppendOutcome> => STORED,
  }
  const store = {
    db: { rows: async () => [] },
    catalog: new Map([['machine_tool_capabilities', TOOLS]]),
    path: '/nowhere/vc.duckdb',
    async append(run: ScrapeRun): Promise<AppendOutcome> {
      if (state.closed) late.push(run.collector)
      appended.push(run)
      return state.outcome(run)
    },
    write: async () => {
      if (state.closed) late.push('write')
      return { ok: true }
    },
    flush: async () => undefined,
    close: async () => {
      state.closed = true
    },
  } as unknown as Store
  return { store, appended, late, state }
}

export const fails = (kind: RunClass): RunResult => ({
  class: kind,
  exitCode: null,
  signal: null,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  partial: false,
  timings: { queueMs: 0, connectMs: 0, execMs: 0 },
  reusedConnection: false,
  detail: 'said the test',
})

export const fakeWay = (run: (request: RunRequest) => Promise<RunResult>): Executor => ({
  kind: 'ssh2',
  run,
  stream: () => {
    throw new Error('nobody streams here')
  },
  close: async () => undefined,
})

/** Every question is answered at once, with nothing. */
export const answeringWay = (): Executor =>
  fakeWay(async ({ script }) => {
    const frame = readFrame(script)
    if (frame === null) throw new Error('not a frame')
    const nothing = { stdout: new Uint8Array(), stderr: new Uint8Array(), status: 0, tookS: 0 }
    const { stdout, stderr } = writeFrame(
      frame,
      frame.asks.map(() => nothing),
    )
    return { ...fails('ok'), exitCode: 0, stdout, stderr }
  })

export const portsOf = (store: Store, more: Partial<FleetPorts> = {}): FleetPorts => ({
  store,
  openExecutor: async (_machine: MachineConfig) =>
    fakeWay(async () => {
      throw new Error('these collectors ask nothing')
    }),
  work: async () => {
    throw new Error('nobody works here')
  },
  now: Date.now,
  random: () => 1,
  log: silentLog,
  ...more,
})

/** A clock that stands in each test of the file until `pass` moves it. */
export const steppedClock = (): void => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

// Real turns of the loop between steps of the clock: runs end in `setImmediate`, which stays real.
export const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done))
}

export const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms)
  await turns()
}
