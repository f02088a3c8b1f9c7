import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { openSnapshots } from '../../src/daemon/snapshots.ts'
import { readFleetRows } from '../../src/queries/fleet-rows.ts'
import { healthFactors, healthSummaries } from '../../src/store/index.ts'
import { NOW, planOf, run, seededStore } from '../queries/seeded-store.ts'

const later = (s: number): Date => new Date(NOW.getTime() + s * 1000)

test('health is written worst factor first, again only when it changed, and can be asked for as it was', async () => {
  const seeded = await seededStore()
  const { store } = seeded
  const plan = planOf(['atlas', 'borg', 'coyote'])
  let now = NOW
  const open = () =>
    openSnapshots({
      store,
      plan: () => plan,
      rows: () => readFleetRows({ db: store.db, now, plan }, null),
      now: () => now,
      log: silentLog,
    })
  const count = async (table: string): Promise<number> =>
    (await store.db.rows<{ n: number }>(`SELECT count(*) AS n FROM "${table}"`))[0]?.n ?? -1
  const snapshots = open()
  await snapshots.judged()
  const summaries = await healthSummaries(store.db)
  expect(summaries.map((row) => [row.machine_id, row.severity, row.worst_factor])).toEqual([
    ['atlas', 'healthy', null],
    ['borg', 'critical', 'disk'],
    ['coyote', 'critical', 'freshness'],
  ])
  const coyote = summaries.find((row) => row.machine_id === 'coyote')
  expect(coyote?.score).toBeLessThanOrEqual(0.05)
  expect((await healthFactors(store.db, { machineId: 'borg' })).map((row) => row.factor)).toEqual(
    expect.arrayContaining(['agents', 'collectors', 'cpu', 'disk', 'freshness', 'load', 'memory', 'swap']),
  )
  const [events, fleets] = [await count('health_summary_events'), await count('fleet_state_snapshots')]
  expect(fleets).toBe(1)

  now = later(11)
  await snapshots.judged()
  await open().judged()
  expect(await count('health_summary_events'), 'nothing changed, nothing written, after a restart too').toBe(events)

  const emptied = {
    mount: '/data', fs_type: 'ext4', size_bytes: 1e12, used_bytes: 1e11, avail_bytes: 9e11, used_pct: 10, inodes_total: null,
    inodes_free: null,
  } // biome-ignore format: a table of values
  const freed = store.append(
    run('borg', 'probe', 0, [{ table: 'sys_filesystems', rows: [emptied] }], { startedAt: later(20) }),
  )
  await store.flush()
  await freed
  now = later(25)
  await snapshots.judged()
  const [borg] = (await healthSummaries(store.db)).filter((row) => row.machine_id === 'borg')
  expect(borg?.worst_factor).not.toBe('disk')
  const [before] = (await healthSummaries(store.db, { at: later(15) })).filter((row) => row.machine_id === 'borg')
  expect(before?.worst_factor).toBe('disk')
  await seeded.close()
}, 90_000)
