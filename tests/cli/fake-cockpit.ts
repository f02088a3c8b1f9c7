// A machine's worth of vc without a store: a reader with ready answers, a cockpit that writes down what is asked of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliDeps } from '../../src/cli/deps.ts'
import { loadConfig, placesDespite, type Surroundings } from '../../src/config/index.ts'
import type { AskRequest, Reader } from '../../src/core/carrier.ts'
import type { CockpitHooks, RunningCockpit, Wanted } from '../../src/core/cockpit.ts'
import type { NotLooked } from '../../src/core/looked.ts'
import type { AppendOutcome, ScrapeRun } from '../../src/core/rows.ts'
import { lookedFor } from '../../src/daemon/look-door.ts'
import { scrapeRun } from '../scrape-run.ts'

const AT = '2026-11-20T08:00:00.000Z'

const line = (id: string, more: object = {}) => ({
  id,
  ssh: id,
  tags: [],
  status: 'online',
  age_s: 4,
  stale: false,
  cpu_pct: 12,
  mem_pct: 40,
  disk_used_pct: 50,
  load5: 0.5,
  agents: {},
  top_issue: null,
  status_reason: null,
  ...more,
})

const ANSWERS: Readonly<Record<string, unknown>> = {
  machines: { machines: [line('atlas'), line('borg', { stale: true, age_s: 900 })] },
  usage: { groups: [] },
  triage: { recommendations: [], suggested_commands: [] },
  beads: { totals: { projects: 0, issues: 0, ready: 0, blocked: 0, in_progress: 0 } },
  accounts: { line: null },
  doctor: { findings: [], as_of: AT },
}

/** Answers every topic of the fleet screen; closed readers are counted. */
export const fakeReader = (answers: Readonly<Record<string, unknown>> = {}) => {
  const asked: AskRequest[] = []
  let closed = 0
  const reader: Reader = {
    carrier: 'socket',
    async ask(request) {
      asked.push(request)
      const data = { ...ANSWERS, ...answers }[request.topic]
      if (data instanceof Error) throw data
      if (data === undefined) throw new Error(`nobody announced a question about ${request.topic}`)
      return { topic: request.topic, version: 1, generatedAt: AT, data, warnings: [] }
    },
    async close() {
      closed += 1
    },
  }
  return { reader, asked, closed: () => closed }
}

export const runOf = (machineId: string, collector: string, more: Partial<ScrapeRun> = {}): ScrapeRun =>
  scrapeRun({
    ...{ machineId, collector, sourceVersion: '1.2.3', startedAt: new Date(AT), durationMs: 41, bytes: 812, cpuMs: 3 },
    batches: [{ table: 'sys_samples', rows: [{}] }],
    ...more,
  })
export const STORED: AppendOutcome = { ok: true, inserted: 1, duplicates: 0 }

/** A cockpit that reports the given runs when it looks. */
export const fakeCockpit = (
  runs: readonly (readonly [ScrapeRun, AppendOutcome])[] = [],
  notLooked: readonly NotLooked[] = [],
) => {
  const did: string[] = []
  const wanted: Wanted[] = []
  let hooks: CockpitHooks = {}
  const tell = (): void => {
    for (const [run, outcome] of runs) hooks.onRun?.(run, outcome)
  }
  const state = { reload: async (): Promise<void> => undefined, serve: async (): Promise<string> => '/run/vc.sock' }
  const cockpit: RunningCockpit = {
    reader: fakeReader().reader,
    machineIds: ['atlas', 'borg'],
    begunAnew: async () => null,
    async collect(what) {
      lookedFor(what, ['atlas', 'borg'], ['probe', 'git'])
      did.push('collect')
      wanted.push(what)
      tell()
      return notLooked
    },
    judgeNow: async () => void did.push('judge'),
    async serve() {
      did.push('serve')
      return state.serve()
    },
    start() {
      did.push('start')
      tell()
    },
    async reload() {
      did.push('reload')
      await state.reload()
    },
    stop: async () => void did.push('stop'),
  }
  const startCockpit: CliDeps['startCockpit'] = async (_loaded, given) => {
    hooks = given
    return cockpit
  }
  return { did, wanted, state, startCockpit, hooks: () => hooks }
}

/** A home with a configuration of two machines, and what every command here needs of the outside. */
export const newHome = () => {
  const home = mkdtempSync(join(tmpdir(), 'vc-command-'))
  mkdirSync(join(home, '.config/vc'), { recursive: true })
  const text = '[[machines]]\nid = "atlas"\nssh = "local"\n\n[[machines]]\nid = "off"\nssh = "off"\nenabled = false\n'
  const configure = (toml: string): void => writeFileSync(join(home, '.config/vc/vc.toml'), toml, { mode: 0o600 })
  configure(text)
  const at: Surroundings = { env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home }
  writeFileSync(join(home, 'vc.js'), '')
  return {
    home,
    configure,
    parts: {
      script: join(home, 'vc.js'),
      loadConfig: async (flag: string | undefined) => loadConfig(flag, at),
      placesDespite: async (flag: string | undefined) => placesDespite(flag, at),
      runningReader: async () => null,
      pingDaemon: async () => null,
    } satisfies Partial<CliDeps>,
    leave: () => rmSync(home, { recursive: true, force: true }),
  }
}

export const RUNNING = { pid: 4711, version: '9.9.9', startedAt: AT, build: 'b1' }

/** As if this process were asked to end, once somebody listens. */
export const signalSoon = (signal: NodeJS.Signals, ready: () => boolean): void => {
  const look = (): void => {
    if (ready() && process.listenerCount(signal) > 0) process.emit(signal)
    else setTimeout(look, 5)
  }
  setTimeout(look, 5)
}
