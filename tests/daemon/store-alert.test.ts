import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { openStoreAlert } from '../../src/daemon/store-alert.ts'
import { activeAlerts, alertEvents, makeBackup, type Store } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { at, count, runOf, tempStore, usage } from '../store/support.ts'

const MB = 1024 * 1024

/** A store on a disk whose free space the test turns, and the alert that watches what becomes of each run. */
const storeOn = async (disk: { free: number }, disabled: readonly string[] = [], onShown = () => {}) => {
  let n = 0
  const store = await tempStore({ minFreeBytes: 500 * MB, freeBytes: async () => disk.free, groupWindowMs: 1 })
  const alert = openStoreAlert({ store, now: () => at(n), log: silentLog, disabled: () => disabled, onShown })
  const collect = async (): Promise<boolean> => {
    n += 1
    const rows = [usage(`m${n}`, at(n))]
    const outcome = await store.append(runOf([{ table: 'agent_usage', rows }], { startedAt: at(n) }))
    alert.saw(outcome)
    await alert.settled()
    return outcome.ok
  }
  return { store, alert, collect }
}

test('a full disk pauses collecting and raises an alert, reads still answer, and it recovers by itself', async () => {
  const disk = { free: 900 * MB }
  const { store, alert, collect } = await storeOn(disk)
  expect(await collect()).toBe(true)
  expect(await activeAlerts(store.db)).toEqual([])

  expect(alert.keepsNothing()).toBe(false)
  disk.free = 400 * MB
  expect([await collect(), await collect()]).toEqual([false, false])
  expect(alert.keepsNothing()).toBe(true)
  const [standing, ...more] = await activeAlerts(store.db)
  expect(more).toEqual([])
  expect(standing).toMatchObject({ rule: 'store_disk_full', machine_id: null, severity: 'critical', status: 'firing' })
  expect(JSON.parse(standing?.evidence_json ?? '')).toEqual({ free_bytes: 400 * MB, kept_free_bytes: 500 * MB })
  expect(await count(store, 'agent_usage')).toBe(1)

  disk.free = 900 * MB
  expect(await collect()).toBe(true)
  expect(await activeAlerts(store.db)).toEqual([])
  const went = await alertEvents(store.db, { since: at(0) })
  expect(went.map((row) => row.status)).toEqual(['resolved', 'firing'])
  expect(await count(store, 'agent_usage')).toBe(2)
})

const stored = async (store: Store): Promise<unknown[]> =>
  store.db.rows('SELECT status FROM alerts UNION ALL SELECT status FROM alert_events')

test('when there is no room even for the alert it is shown all the same, and is written as soon as it fits', async () => {
  const disk = { free: 1 * MB }
  const { store, alert, collect } = await storeOn(disk)
  expect([await collect(), await collect()]).toEqual([false, false])
  expect(await stored(store)).toEqual([])
  const standing = await activeAlerts(store.answers)
  expect(standing).toMatchObject([
    { alert_id: 'store_disk_full:-:store', severity: 'critical', status: 'firing', since: at(1).toISOString() },
  ])
  disk.free = 100 * MB
  expect(await collect()).toBe(false)
  expect(await stored(store)).toEqual([{ status: 'firing' }, { status: 'firing' }])
  expect(await activeAlerts(store.db)).toEqual(standing)
  disk.free = 900 * MB
  await collect()
  expect(await activeAlerts(store.db)).toEqual([])
  await alert.settled()
})

test('whoever shows alerts is told when others stand, and not at each look that finds no room', async () => {
  const disk = { free: 0 }
  let shown = 0
  const { store, collect } = await storeOn(disk, [], () => {
    shown += 1
  })
  for (const _ of [1, 2, 3]) await collect()
  expect(shown).toBe(1)
  expect(await activeAlerts(store.db)).toHaveLength(1)
  disk.free = 900 * MB
  for (const _ of [4, 5]) await collect()
  expect(shown).toBe(2)
})

test('of a disk that filled at one stroke the history says when it began and when it ended', async () => {
  const disk = { free: 900 * MB }
  const { store, alert, collect } = await storeOn(disk)
  await collect()
  disk.free = 0
  for (const _ of [2, 3, 4]) expect(await collect()).toBe(false)
  alert.backedUp('no room for a copy')
  await alert.settled()
  expect((await activeAlerts(store.db)).map((row) => row.rule)).toEqual(['store_disk_full', 'backup_failed'])
  expect(await stored(store)).toEqual([])
  disk.free = 900 * MB
  await collect()
  const rows = await store.db.rows('SELECT rule, status FROM alerts ORDER BY rule')
  expect(rows).toEqual([
    { rule: 'backup_failed', status: 'firing' },
    { rule: 'store_disk_full', status: 'resolved' },
  ])
  const went = await alertEvents(store.db, { since: at(0) })
  expect(went.map((row) => [row.rule, row.status, row.event_at])).toEqual([
    ['store_disk_full', 'resolved', at(5).toISOString()],
    ['backup_failed', 'firing', at(4).toISOString()],
    ['store_disk_full', 'firing', at(2).toISOString()],
  ])
  expect(went[0]).toMatchObject({ since: at(2).toISOString(), resolved_at: at(5).toISOString() })
})

test('a quota is told as one: the disk itself has room', async () => {
  const { store } = await storeOn({ free: 900 * MB })
  const alert = openStoreAlert({ store, now: () => at(0), log: silentLog })
  const detail = `disk_full: ${700 * MB} bytes free, ${500 * MB} are kept free; nothing is written until there is room`
  alert.saw({ ok: false, fault: 'persist_failed', detail })
  await alert.settled()
  expect((await activeAlerts(store.db)).map(({ title }) => title)).toEqual([
    'vc may write no more where its data lies, although 700 MB are free: collecting pauses (a quota?)',
  ])
  const reply = { topic: 'agents', version: 1, generatedAt: at(0).toISOString(), data: {} }
  expect(alert.told(reply).warnings).toEqual([expect.stringMatching(/although its disk has 700 MB left.*quota -s/)])
})

test('a disk that is full to its last byte is told as full, also where nothing is to be kept free', async () => {
  const { store } = await storeOn({ free: 900 * MB })
  const alert = openStoreAlert({ store, now: () => at(0), log: silentLog })
  const detail = 'disk_full: 0 bytes free, 0 are kept free; nothing is written until there is room'
  alert.saw({ ok: false, fault: 'persist_failed', detail })
  await alert.settled()
  expect((await activeAlerts(store.db)).map(({ title }) => title)).toEqual([
    "vc's own disk is full: collecting pauses until 1 MB are free",
  ])
})

test('while its disk fails every answer says so, until a row is kept again', async () => {
  const { alert, collect } = await storeOn({ free: 900 * MB })
  const reply = { topic: 'agents', version: 1, generatedAt: at(0).toISOString(), data: {} }
  const detail = 'Failed to commit: Could not write file "/srv/vc/vc.duckdb.wal": Input/output error'
  alert.saw({ ok: false, fault: 'persist_failed', detail })
  expect(alert.told(reply).warnings).toEqual([expect.stringMatching(/^store_disk_fails: .*nothing new is kept.*dmesg/)])
  await collect()
  expect(alert.told(reply)).toBe(reply)
})

test('without room every answer says so, also when the alert itself could not be written', async () => {
  const disk = { free: 900 * MB }
  const { alert, collect } = await storeOn(disk)
  const reply = { topic: 'agents', version: 1, generatedAt: at(0).toISOString(), data: {}, warnings: ['other: a word'] }
  await collect()
  expect(alert.told(reply)).toBe(reply)
  disk.free = 1 * MB
  await collect()
  expect(alert.told(reply).warnings).toEqual([
    'other: a word',
    "store_disk_full: vc's own disk has 1 MB left and 500 MB are kept free, so nothing new is kept (make room; vc doctor says where)",
  ])
  disk.free = 900 * MB
  await collect()
  expect(alert.told(reply)).toBe(reply)
})

test('a file that was moved or removed takes nothing in, every answer says so, and it goes on when it is back', async () => {
  const { store, alert, collect } = await storeOn({ free: 900 * MB })
  const reply = { topic: 'agents', version: 1, generatedAt: at(0).toISOString(), data: {} }
  expect(await collect()).toBe(true)
  renameSync(store.path, `${store.path}.elsewhere`)
  expect(await collect()).toBe(false)
  expect(alert.told(reply).warnings).toEqual([
    expect.stringMatching(/^store_moved: .*vc\.duckdb is gone, so nothing new is kept \(put it back, or /),
  ])
  await expect(
    makeBackup({ store, jobs: openJobRunner(), keep: 1, now: at(0), minFreeBytes: 0 }),
  ).rejects.toMatchObject({
    code: 'store_moved',
  })
  renameSync(`${store.path}.elsewhere`, store.path)
  expect(await collect()).toBe(true)
  expect(alert.told(reply)).toBe(reply)
  // Whoever took the folder over meanwhile has it now.
  const lock = join(store.dataDir, 'vc.lock')
  writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), pid: 1 }))
  expect(await collect()).toBe(false)
  expect(alert.told(reply).warnings).toEqual([expect.stringMatching(/^store_moved: another process has taken /)])
})

test('a run refused for its rows says nothing about the disk', async () => {
  const store = await tempStore({})
  const alert = openStoreAlert({ store, now: () => at(0), log: silentLog })
  alert.saw({ ok: false, fault: 'persist_failed', detail: 'no such column' })
  await alert.settled()
  expect(await activeAlerts(store.db)).toEqual([])
})

test('a backup that failed is an alert until one is made, and what else the store says leaves it alone', async () => {
  const { store, alert, collect } = await storeOn({ free: 900 * MB })
  alert.backedUp('the folder cannot be written')
  await alert.settled()
  const standing = async () =>
    (await activeAlerts(store.db)).map(({ rule, severity, title }) => [rule, severity, title])
  const failed = ['backup_failed', 'warning', "the backup of vc's own database failed: the folder cannot be written"]
  expect(await standing()).toEqual([failed])
  expect(await collect()).toBe(true)
  expect(await standing()).toEqual([failed])
  alert.backedUp(null)
  await alert.settled()
  expect(await standing()).toEqual([])
})

test('a rule that vc.toml switched off says nothing, and what it said before is over', async () => {
  const off: string[] = []
  const { store, alert } = await storeOn({ free: 900 * MB }, off)
  alert.backedUp('no room')
  await alert.settled()
  expect(await activeAlerts(store.db)).toHaveLength(1)
  off.push('backup_failed')
  alert.backedUp('no room')
  await alert.settled()
  expect(await activeAlerts(store.db)).toEqual([])
})
