// The owner of the store with a real store and collectors that wait for the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensurePaths, type LoadedConfig, loadConfig } from '../../src/config/index.ts'
import type { Log } from '../../src/core/log.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { type Cockpit, openCockpit } from '../../src/daemon/cockpit.ts'
import { openOwnerStore } from '../../src/daemon/owner-store.ts'
import { machineById } from '../../src/store/index.ts'
import { until } from '../stories/vc-process.ts'
import { fails, fakeWay, heldCollector } from './fleet-story.ts'

let home: string
let open: Cockpit[]
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-cockpit-'))
  mkdirSync(join(home, '.config/vc'), { recursive: true })
  open = []
})
afterEach(async () => {
  for (const cockpit of open) await cockpit.stop()
  rmSync(home, { recursive: true, force: true })
})

const at = () => ({ env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home })
const load = (ids: readonly string[], more = ''): LoadedConfig => {
  const blocks = ids.map((id) => `[[machines]]\nid = "${id}"\nssh = "ann@${id}"\n`)
  writeFileSync(join(home, '.config/vc/vc.toml'), `${more}\n${blocks.join('\n')}`, { mode: 0o600 })
  return loadConfig(undefined, at())
}

/** A log in which an error is a failure of the test, unless it expects it. */
const watchedLog = () => {
  const errors: string[] = []
  const quiet = (): void => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: (_fields: unknown, text: string) => errors.push(text) }
  return { errors, log: log as unknown as Log }
}

const start = async (loaded: LoadedConfig, collectors: readonly ReturnType<typeof heldCollector>['collector'][]) => {
  ensurePaths(loaded.paths, process.getuid?.() ?? 0)
  const runs: [ScrapeRun, boolean][] = []
  const ways: string[] = []
  const { errors, log } = watchedLog()
  const cockpit = await openCockpit({
    loaded,
    collectors,
    version: '9.9.9',
    store: openOwnerStore({ loaded, version: '9.9.9', log }),
    openWays: (config) => async (machine) => {
      ways.push(`${config.config.machines.length} machines: ${machine.id}`)
      return fakeWay(async () => fails('transport'))
    },
    work: async () => {
      throw new Error('nobody works here')
    },
    processesStarted: () => 0,
    agents: async () => [],
    log,
    onRun: (run, outcome) => void runs.push([run, outcome.ok]),
  })
  open.push(cockpit)
  return { cockpit, runs, ways, errors }
}

const statusOf = async (cockpit: Cockpit): Promise<Record<string, { source: string; fault: string | null }[]>> => {
  const { data } = await cockpit.ask({ topic: 'scrapes', params: {} })
  const { scrapes } = data as { scrapes: { machine: string; source: string; fault: string | null }[] }
  return Object.groupBy(scrapes, (row) => row.machine) as never
}

test('rows the store refuses turn their source red, and no other', async () => {
  const [good, bad] = [heldCollector('good'), heldCollector('bad')]
  const { cockpit, runs, errors } = await start(load(['atlas']), [good.collector, bad.collector])
  const looking = cockpit.fleet().collectNow({})
  await until(
    () => bad.waiting.length === 1,
    () => 'both to run',
  )
  good.waiting[0]?.end()
  bad.waiting[0]?.end({ batches: [{ table: 'repos', rows: [{ no_such_column: 1 }] }] })
  await looking
  expect(runs.map(([run, ok]) => [run.collector, ok]).sort()).toEqual([
    ['bad', false],
    ['good', true],
  ])
  expect((await statusOf(cockpit)).atlas).toMatchObject([
    { source: 'bad', fault: 'persist_failed' },
    { source: 'good', fault: null },
  ])
  // Told once, by whoever knows which rows they were.
  expect(errors).toEqual(['rows were not stored'])
})

test('a reload ends what runs, looks at the new machines and forgets the old ones', async () => {
  const { collector, waiting } = heldCollector('probe')
  const { cockpit, ways, errors } = await start(load(['atlas']), [collector])
  cockpit.start()
  await until(
    () => waiting.length === 1,
    () => 'the first look',
  )
  const known = async () => (await machineById(cockpit.store.db, 'atlas'))?.first_seen_at
  const since = await known()
  await cockpit.reload(load(['borg', 'cygnus']))
  await until(
    () => waiting.length === 3,
    () => 'the looks at the new machines',
  )
  expect(waiting.map((run) => run.machine).sort()).toEqual(['atlas', 'borg', 'cygnus'])
  expect(ways.sort()).toEqual(['1 machines: atlas', '2 machines: borg', '2 machines: cygnus'])
  const { data } = await cockpit.ask({ topic: 'machines', params: {} })
  expect((data as { machines: { id: string }[] }).machines.map(({ id }) => id).sort()).toEqual(['borg', 'cygnus'])
  // It comes back as what it was: vc has known it since then.
  await cockpit.reload(load(['atlas']))
  expect([await known(), (await machineById(cockpit.store.db, 'atlas'))?.enabled]).toEqual([since, true])
  expect(errors).toEqual([])
})

test('a configuration that cannot be taken changes nothing: the old fleet goes on', async () => {
  const { collector, waiting } = heldCollector('probe')
  const { cockpit } = await start(load(['atlas']), [collector])
  cockpit.start()
  const before = cockpit.fleet()
  await expect(cockpit.reload(load(['borg'], '[vc]\ndata_dir = "elsewhere"\n'))).rejects.toMatchObject({
    code: 'restart_needed',
  })
  expect(cockpit.fleet()).toBe(before)
  await until(
    () => waiting.length === 1,
    () => 'the old fleet to look',
  )
  expect(cockpit.plan().machines.map(({ machineId }) => machineId)).toEqual(['atlas'])
})

test('reloads that come at once are taken one after the other, and only the last fleet looks', async () => {
  const { collector, waiting } = heldCollector('probe')
  const { cockpit, runs } = await start(load(['atlas']), [collector])
  cockpit.start()
  const [one, two] = [load(['borg']), load(['cygnus'])]
  await Promise.all([cockpit.reload(one), cockpit.reload(two)])
  await until(
    () => waiting.some((run) => run.machine === 'cygnus'),
    () => 'the last fleet to look',
  )
  await cockpit.stop()
  // A look of a fleet that nobody stopped would never end, and later write into a closed store.
  const machinesOf = (list: readonly string[]): readonly string[] => list.toSorted()
  expect(machinesOf(runs.map(([run]) => run.machineId))).toEqual(machinesOf(waiting.map((run) => run.machine)))
  await expect(cockpit.reload(one)).rejects.toMatchObject({ code: 'stopping' })
  open.length = 0
})

test('a stop while a machine hangs ends at once; its run is stored as cancelled, and nobody writes afterwards', async () => {
  const { collector, waiting } = heldCollector('probe')
  const { cockpit, runs, errors } = await start(load(['atlas']), [collector])
  cockpit.start()
  await until(
    () => waiting.length === 1,
    () => 'the look that hangs',
  )
  const append = cockpit.store.append.bind(cockpit.store)
  const late: string[] = []
  await cockpit.stop()
  Object.assign(cockpit.store, {
    append(run: ScrapeRun) {
      late.push(run.collector)
      return append(run)
    },
  })
  waiting[0]?.end()
  cockpit.judge.touch('atlas')
  await new Promise((done) => setImmediate(done))
  expect(runs.map(([run, ok]) => [run.fault, ok])).toEqual([['cancelled', true]])
  expect(late).toEqual([])
  expect(errors).toEqual([])
  open.length = 0
})

test('options of collectors and the room kept free follow a reload, there and back', async () => {
  const { collector, waiting } = heldCollector('live')
  const { cockpit, runs } = await start(load(['atlas']), [collector])
  const look = async (): Promise<unknown> => {
    const before = waiting.length
    const looking = cockpit.fleet().collectNow({})
    await until(
      () => waiting.length > before,
      () => 'the look',
    )
    waiting.at(-1)?.end()
    await looking
    return waiting.at(-1)?.options.claude_homes
  }
  expect(await look()).toBeUndefined()
  await cockpit.reload(
    load(
      ['atlas'],
      `[store]\nmin_free_bytes = ${Number.MAX_SAFE_INTEGER}\n[collectors.live]\nclaude_homes = ["/srv/agents/.claude"]\n`,
    ),
  )
  expect(await look()).toEqual(['/srv/agents/.claude'])
  await cockpit.reload(load(['borg']))
  expect(await look()).toBeUndefined()
  expect(runs.map(([, ok]) => ok)).toEqual([true, false, true])
  // The room of the new configuration counts for what the reload itself writes, too.
  const { data } = await cockpit.ask({ topic: 'machines', params: {} })
  expect((data as { machines: { id: string }[] }).machines.map(({ id }) => id).sort()).toEqual(['borg'])
})
