import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { filesystems, latestScrapes, latestSys, pressure, type Store, stalls } from '../../src/store/index.ts'
import { appendAll, at, runOf, sys, tempDir, tempStore } from './support.ts'

/** The same questions where nothing is kept: each is read from the file. */
const asStored = ({ db }: Store): Store['db'] => ({ rows: db.rows })

const pictureOf = async (db: Store['db']) => ({
  sys: await latestSys(db),
  ofAtlas: await filesystems(db, { machineId: 'atlas' }),
  filesystems: await filesystems(db),
  pressure: await pressure(db),
  stalls: await stalls(db, { moment: at(0) }),
  scrapes: await latestScrapes(db),
})

const expectKept = async (store: Store): Promise<void> =>
  expect(await pictureOf(store.db)).toEqual(await pictureOf(asStored(store)))

const WORDS = ['/', '/home', '/nul\u0000', '/lone\ud800', "/it's", '/naïve-東京', '']
const single = fc.oneof(
  fc.constantFrom(null, 0, -0, 0.1, 99.99999999, 1e-40, 3.4e38),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)
const look = fc.record({
  machine: fc.constantFrom('atlas', 'beta', 'gamma'),
  source: fc.constantFrom('probe', 'sysmoni'),
  minute: fc.integer({ min: 0, max: 8 }),
  up: fc.boolean(),
  pct: single,
  bytes: fc.constantFrom(null, 0, 2 ** 52, 2n ** 62n),
  mounts: fc.uniqueArray(fc.constantFrom(...WORDS), { maxLength: 4 }),
  detail: fc.constantFrom(null, 'refused', "it's \ud800 gone"),
})
type Look = typeof look extends fc.Arbitrary<infer Drawn> ? Drawn : never

const runAt = ({ machine, source, minute, up, pct, bytes, mounts, detail }: Look): ScrapeRun =>
  runOf(
    [
      {
        table: 'sys_samples',
        rows: up ? [sys(minute * 60, { cpu_pct: pct, uptime_s: pct, mem_used_bytes: bytes })] : [],
      },
      { table: 'sys_filesystems', rows: mounts.map((mount) => ({ mount, used_bytes: bytes, used_pct: pct })) },
      { table: 'sys_pressure', rows: mounts.map((kind) => ({ resource: 'cpu', kind, avg60_pct: pct })) },
    ],
    { machineId: machine, collector: source, startedAt: at(minute * 60), up, fault: up ? null : 'timeout', detail },
  )

test('what is kept of the meters is what the file holds, however runs come', { timeout: 120_000 }, async () => {
  const dataDir = tempDir()
  let store = await tempStore({ dataDir })
  let base = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(look, { minLength: 1, maxLength: 5 }), fc.boolean()), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (groups, restart) => {
        // Each story is later than the one before: what is new takes another way than what is late.
        base += 10
        if (restart) {
          await store.close()
          store = await tempStore({ dataDir })
        }
        for (const [group, read] of groups) {
          // Whether somebody asked before decides whether anything is kept while it is written.
          if (read) await expectKept(store)
          await appendAll(store, ...group.map((one) => runAt({ ...one, minute: base + one.minute })))
        }
        await expectKept(store)
      },
    ),
    { numRuns: Number(process.env.VC_PROPERTY_RUNS ?? 15), endOnFailure: true },
  )
})

test('what is asked while it is written is of before or of after, and is not kept for longer', async () => {
  const store = await tempStore()
  const run = (minute: number) =>
    runOf([{ table: 'sys_samples', rows: [sys(minute * 60)] }], { startedAt: at(minute * 60) })
  for (let minute = 0; minute < 20; minute++) {
    const asked = Array.from({ length: 4 }, () => latestSys(store.db))
    const written = appendAll(store, run(minute))
    asked.push(latestSys(store.db))
    await Promise.all([written, ...asked])
    await expectKept(store)
  }
})

test('rows of a group that is refused are not kept', async () => {
  const store = await tempStore()
  const good = { table: 'sys_samples', rows: [sys(0)] }
  await appendAll(store, runOf([good], { startedAt: at(0) }))
  await expectKept(store)
  const many = Array.from({ length: 3 }, (_, index) => ({ ...sys(60), cpu_pct: index === 0 ? 1e39 : 1 }))
  const [refused] = await appendAll(store, runOf([{ table: 'sys_samples', rows: many }], { startedAt: at(60) }))
  expect(refused?.ok).toBe(false)
  expect((await latestSys(store.db)).map((row) => row.collected_at)).toEqual([at(0).toISOString()])
  await expectKept(store)
})

test('of what two sources tell of a stall the worst counts, and what none knows is left out', async () => {
  const store = await tempStore()
  const tells = (collector: string, machineId: string, some: number | null, full: number | null) => {
    const rows = Object.entries({ some, full }).map(([kind, pct]) => ({ resource: 'io', kind, avg60_pct: pct }))
    return runOf([{ table: 'sys_pressure', rows }], { collector, machineId })
  }
  await appendAll(store, tells('probe', 'beta', 1, null), tells('probe', 'atlas', 3, null))
  await appendAll(store, tells('sysmoni', 'atlas', 5, 8), tells('sysmoni', 'beta', 0, null))
  expect(await stalls(store.db, { moment: at(0) })).toEqual([
    { machine_id: 'atlas', resource: 'io', kind: 'full', pct: 8 },
    { machine_id: 'atlas', resource: 'io', kind: 'some', pct: 5 },
    { machine_id: 'beta', resource: 'io', kind: 'some', pct: 1 },
  ])
})
