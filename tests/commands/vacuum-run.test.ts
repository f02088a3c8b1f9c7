import { expect, test } from 'vitest'
import { allowedVacuum, parseVacuumWish, runVacuum } from '../../src/commands/vacuum-run.ts'
import { openStore, planVacuum, retention, type Store } from '../../src/store/index.ts'
import { NOW, run } from '../queries/seeded-store.ts'
import { count, tempDir, tempStore } from '../store/support.ts'

const sys = (uptime_s: number) => ({
  table: 'sys_samples',
  rows: [{ boot_id: 'b', uptime_s, cpu_decayed: false, partial: false }],
})
const seeded = async (): Promise<Store> => {
  const store = await tempStore({ now: () => NOW })
  const days = ['2026-09-01', '2026-09-02', '2026-11-10', '2026-11-20']
  const waiting = days.map((day, i) =>
    store.append(run('atlas', 'probe', (NOW.getTime() - Date.parse(`${day}T01:00:00Z`)) / 1000, [sys(i)])),
  )
  await store.flush()
  await Promise.all(waiting)
  return store
}
const of = (table: string) => (step: { readonly table: string }) => step.table === table

test('the plan names closed days, and as removable those older than they are kept for', async () => {
  const plan = (await planVacuum((await seeded()).db, NOW)).filter(of('sys_samples'))
  expect(plan.map(({ day, seal, remove }) => `${day} ${seal} ${remove}`)).toEqual([
    '2026-09-01 true true',
    '2026-09-02 true true',
    '2026-11-10 true false',
  ])
})

test('archiving copies and deletes nothing; a second time there is nothing to do', async () => {
  const store = await seeded()
  const done = await runVacuum(store, { archive: true, remove: false, hub: 'main' }, NOW)
  // Each run left a row in scrapes too.
  expect(done).toMatchObject({ sealedDays: 6, sealedRows: 6, removedRows: 0, troubles: [] })
  expect(await count(store, 'sys_samples')).toBe(4)
  expect(await runVacuum(store, { archive: true, remove: false, hub: 'main' }, NOW)).toMatchObject({ sealedDays: 0 })
})

test('deleting takes only what is older than it is kept for', async () => {
  const store = await seeded()
  expect(await runVacuum(store, { archive: true, remove: true, hub: 'main' }, NOW)).toMatchObject({
    removedDays: 4,
    removedRows: 4,
    troubles: [],
  })
  expect(await count(store, 'sys_samples')).toBe(2)
  const [line] = (await retention(store.db)).filter(of('sys_samples'))
  expect(line).toMatchObject({
    keepDays: 30,
    policy: 'delete',
    rows: 2,
    archivedDays: 3,
    archivedRows: 3,
    oldest: '2026-11-10T01:00:00.000Z',
  })
})

const words = (length: number): string => Array.from({ length }, (_, i) => Math.sin(i).toString(36)).join('')

test.each([
  ['counts the blocks of its long texts', words(200_000), (bytes: number) => bytes > words(200_000).length / 2],
  ['is told in the blocks of this file', 'short', (bytes: number) => bytes === 65_536],
])('the size of a table %s', async (_what, detail, isTrue) => {
  const dataDir = tempDir()
  const store = await openStore({ dataDir, now: () => NOW })
  const rows = [{ kind: 'trust', detail, actor: 'ops' }]
  await store.write({ machineId: 'atlas', source: 'security', at: NOW, batches: [{ table: 'security_events', rows }] })
  await store.close()
  const again = await openStore({ dataDir, now: () => NOW })
  const [line] = (await retention(again.db)).filter(of('security_events'))
  await again.close()
  expect(line?.bytes).toSatisfy(isTrue)
})

test('without either nothing happens, and the socket may not ask for more than vc.toml allows', async () => {
  const store = await seeded()
  const off = { config: { retention: { archive: false, delete: false, hub: 'main' } } } as Parameters<
    typeof allowedVacuum
  >[1]
  const wish = allowedVacuum(parseVacuumWish({ archive: true, remove: true, hub: 'other' }), off)
  expect(wish).toEqual({ archive: false, remove: false, hub: 'main' })
  expect(await runVacuum(store, wish, NOW)).toMatchObject({ sealedDays: 0, removedDays: 0 })
  expect(() => parseVacuumWish({ archive: 'yes' })).toThrow(expect.objectContaining({ code: 'bad_vacuum' }))
})

test('the ledger and rollups are kept whole', async () => {
  const lines = await retention((await seeded()).db)
  expect(lines.find(of('agent_usage'))).toMatchObject({ policy: 'keep', keepDays: null })
  expect(lines.find(of('repo_status_snapshots'))).toMatchObject({ policy: 'copy' })
})
