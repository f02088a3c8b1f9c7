import { expect, test, vi } from 'vitest'
import { configSections } from '../../src/config/index.ts'
import { standingAlerts } from '../../src/store/index.ts'
import { openOn, storeWithTrouble } from './store-with-trouble.ts'

test('rules of vc.toml: a row that matches, a name that is not there, a query that does not exist', async () => {
  const store = await storeWithTrouble()
  const toml = `
[[rules]]
id = "hot"
query = "machines"
when = "load5 > cores * 1.5"
machine = "id"
title = "{id}: {load5} on {cores}"
[[rules]]
id = "slip"
query = "machines"
when = "lod5 > 3"
[[rules]]
id = "nothing"
query = "no_such_query"
when = "a > 3"
[[rules]]
id = "no-gpu"
query = "machines"
when = "tags contains 'gpu'"
absent = true
`
  const { look } = openOn(store, toml)
  await look(0)
  const own = (await standingAlerts(store.db)).filter((row) => row.rule.startsWith('user:'))
  expect(own.map((row) => `${row.status} ${row.alert_id} ${row.title}`)).toEqual([
    'firing user:hot:atlas:atlas atlas: 9 on 4',
    "firing user:no-gpu:-:absent no-gpu: nothing matches tags contains 'gpu'",
    "firing user:slip:-:rule rule slip of vc.toml cannot be judged: there is no column 'lod5'",
  ])
  const failing = async () => (await standingAlerts(store.db)).filter((row) => row.rule === 'own_rule_failing')
  for (const atS of [50, 100, 150]) await look(atS)
  expect(await failing()).toMatchObject([
    {
      status: 'firing',
      alert_id: 'own_rule_failing:-:nothing',
      title: expect.stringContaining('rule nothing of vc.toml cannot be asked: there is no topic'),
    },
  ])
  const { look: without } = openOn(store, '')
  await without(160)
  expect(await failing()).toEqual([])
  expect((await standingAlerts(store.db)).filter((row) => row.rule.startsWith('user:'))).toEqual([])
})

test('the blocks of vc.toml are explained', () => {
  expect(configSections().map((section) => section.header)).toEqual(
    expect.arrayContaining(['[alerts]', '[[alerts.channels]]', '[[rules]]']),
  )
})

test('SQL of a rule runs in a child over what is now, and the next look judges what it brought', async () => {
  const store = await storeWithTrouble()
  const rule = (id: string, sql: string) =>
    `[[rules]]\nid = "${id}"\nsql = "${sql}"\nwhen = "n > 0"\nmachine = "machine_id"\n`
  const { look } = openOn(
    store,
    rule('samples', 'SELECT machine_id, count(*) AS n FROM latest_sys_samples GROUP BY ALL') +
      rule('writes', 'DELETE FROM latest_sys_samples RETURNING machine_id, 1 AS n') +
      rule('reads-files', "SELECT 'x' AS machine_id, 1 AS n FROM read_text('/etc/hostname')") +
      rule('no-such', 'SELECT * FROM pending_dialogs'),
  )
  const firing = async (seconds: number) => {
    await look(seconds)
    return (await standingAlerts(store.db)).filter((row) => row.rule.startsWith('user:')).map((row) => row.rule)
  }
  expect(await firing(0)).toEqual([])
  await vi.waitFor(async () => expect(await firing(2)).toEqual(['user:samples']), { timeout: 60_000, interval: 300 })
  // None of the others ever brings a row: what is refused is said in the log.
  expect(await firing(4)).toEqual(['user:samples'])
})
