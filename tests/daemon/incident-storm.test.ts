import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { openIncidentWatch } from '../../src/daemon/incidents.ts'
import type { Db, Store } from '../../src/store/index.ts'
import { NOW, planOf } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const MACHINES = Array.from({ length: 12 }, (_, i) => `m${i}`)

const alertOn = (machine: string) => ({
  ...{ alert_id: `disk_low:${machine}:/data`, rule: 'disk_low', machine_id: machine, subject: '/data' },
  ...{ severity: 'critical', status: 'firing', title: `${machine} /data has 3.0 % free`, evidence_json: '{}' },
  ...{ since: NOW, fired_at: NOW, resolved_at: null },
})

test('a fleet that fails at once is read incident by incident, so that an answer waits for one of them only', async () => {
  const store = await tempStore()
  const batches = [{ table: 'alerts', rows: MACHINES.map(alertOn) }]
  await store.write({ machineId: 'fleet', source: 'oracle.fleet', at: NOW, batches, awaited: true })
  let [asked, most] = [0, 0]
  const rows = (async (sql, params) => {
    most = Math.max(most, ++asked)
    return store.db.rows(sql, params).finally(() => asked--)
  }) as Db['rows']
  const watched: Pick<Store, 'db' | 'write'> = { db: { rows }, write: store.write }
  const plan = planOf(MACHINES)
  await openIncidentWatch({ store: watched, plan: () => plan, now: () => NOW, log: silentLog }).look()
  const [found] = await store.db.rows<{ n: number }>('SELECT count(*) AS n FROM incidents')
  expect([found?.n, most <= 16]).toEqual([MACHINES.length, true])
})
