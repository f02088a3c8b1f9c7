// An alert whose machine nobody looks at any more ends with its reason: its cause was not seen gone.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openAlerts } from '../../src/daemon/alerts.ts'
import { alertLine, alertMessage } from '../../src/oracle/alert-message.ts'
import { readFleetRows } from '../../src/queries/fleet-rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { assemblePicture } from '../../src/queries/picture.ts'
import type { Store } from '../../src/store/index.ts'
import { ago, inventory, NOW, planOf, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

let store: Store
beforeEach(async () => {
  store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  await inStore('machines', inventory(['atlas', 'borg']))
  for (const id of ['atlas', 'borg'])
    await store.append(run(id, 'probe', 5, [{ table: 'sys_filesystems', rows: [{ mount: '/', used_pct: 95 }] }]))
})
afterEach(() => store.close())

const inStore = (table: string, rows: readonly Row[], at = ago(600)) =>
  store.write({ machineId: 'fleet', source: 'config', at, batches: [{ table, rows }], awaited: true })

const opened = () => {
  const { config } = parseConfig('', 'vc.toml')
  if (config === null) throw new Error('the empty configuration was refused')
  const plan = planOf(['atlas', 'borg'])
  const told: string[] = []
  const alerts = openAlerts({
    store,
    config: () => config,
    plan: () => plan,
    ask: async () => expect.unreachable(),
    sqlRows: async () => [],
    now: () => NOW,
    log: silentLog,
    onTransitions: (all) => told.push(...all.map((one) => alertLine(alertMessage(one)))),
  })
  return async (now: Date): Promise<string[]> => {
    told.length = 0
    const rows = await readFleetRows({ db: store.db, now, plan }, null)
    const changed = await alerts.judge(assemblePicture(rows, plan, now), now)
    await inStore('alerts', changed, now)
    alerts.stored(true)
    await alerts.standing()
    return told.toSorted()
  }
}

test.each([
  ['disabled', { enabled: false }, 'atlas is disabled in vc.toml'],
  ['removed', { enabled: false, removed_at: ago(1) }, 'atlas left vc.toml'],
])('%s: people, events and who compares two times are told why it ended', async (change, row, why) => {
  const look = opened()
  expect(await look(ago(4))).toEqual(['CRITICAL: atlas / has 5.0 % free', 'CRITICAL: borg / has 5.0 % free'])
  await inStore('machines', [{ machine_id: 'atlas', ...row }], ago(2))
  expect(await look(ago(1))).toEqual([
    `not judged any more: atlas / has 5.0 % free (${why}: nobody looks there any more)`,
  ])
  const ask = async (topic: string, params: object) =>
    (await answer(queries, { topic, params: { ...params } }, { db: store.db, now: NOW, plan: planOf(['borg']) })).data
  const { alerts } = (await ask('diff', { from: ago(3).toISOString() })) as { alerts: { resolved: object[] } }
  expect(alerts.resolved).toMatchObject([
    {
      alert: 'disk_low:atlas:/',
      title: expect.stringMatching(/^atlas \/ has 5\.0 % free \(not judged any more: atlas /),
    },
  ])
  const { events } = (await ask('events', { since: '5s' })) as {
    events: { type: string; text: string; machine: string }[]
  }
  expect(events.filter(({ machine }) => machine === 'atlas').map(({ text }) => text)).toEqual([
    'atlas / has 5.0 % free',
    `atlas is ${change}: nobody looks at it any more`,
    expect.stringMatching(/^not judged any more: atlas \/ has 5\.0 % free \(atlas /),
  ])
})
