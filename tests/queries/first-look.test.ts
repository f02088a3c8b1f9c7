// Right after a start: machines at which no look has ended are neither well nor silent.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, inventory, NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const batches = [{ table: 'machines', rows: inventory(['new', 'young']) }]
  await seeded.store.write({ machineId: 'fleet', source: 'config', at: ago(0), batches, awaited: true })
})
afterAll(() => seeded.close())

const ask = async (topic: string, params: object = {}, ids = ['atlas', 'borg', 'coyote', 'new', 'young']) => {
  const context = { db: seeded.store.db, now: NOW, plan: planOf(ids) }
  const { data, warnings } = await answer(queries, { topic, params: { ...params } }, context)
  return { data: data as object, warnings: warnings ?? [] }
}

test.each(['status', 'machines', 'health', 'triage'])('%s says it once for all of them', async (topic) => {
  const { warnings } = await ask(topic)
  expect(warnings.filter((text) => /\b(new|young)\b/.test(text))).toEqual([
    'first_look: no look has ended yet at new, young (ask again in some seconds; without a daemon: vc collect)',
  ])
  expect(warnings.join('\n')).toContain('never_reached: coyote never answered: connection refused')
})

test('what was not looked at does not lower the health of the fleet; what was looked at in vain does', async () => {
  const score = async () => ((await ask('health')).data as { overall: { score: number } }).overall.score
  const before = await score()
  const batches = [{ table: 'machines', rows: inventory(['younger']) }]
  await seeded.store.write({ machineId: 'fleet', source: 'config', at: ago(0), batches, awaited: true })
  expect(await score()).toBe(before)
  const { machines } = (await ask('machines')).data as { machines: readonly { id: string; top_issue: string }[] }
  const issues = Object.fromEntries(machines.map(({ id, top_issue }) => [id, top_issue]))
  expect(issues).toMatchObject({ new: 'not looked at yet', coyote: 'never reached' })
})

test('the doctor calls none of them broken', async () => {
  const findings = async (params: object = {}) =>
    ((await ask('doctor', params)).data as { findings: readonly { level: string; machine: string | null; says: string }[] }).findings
  const fleet = await findings()
  expect(fleet.filter(({ machine }) => machine === 'new')).toEqual([])
  expect(fleet).toContainEqual(expect.objectContaining({ level: 'warn', says: expect.stringMatching(/^no look has ended yet at new, young/) }))
  expect(fleet).toContainEqual(expect.objectContaining({ level: 'bad', machine: 'coyote' }))
  expect(await findings({ machine: 'new' })).toContainEqual(
    expect.objectContaining({ level: 'warn', machine: 'new', says: 'no look has ended yet' }),
  )
}) // biome-ignore format: shapes

test('where nothing new can be kept, nobody is told to start a daemon that runs', async () => {
  const later = new Date(NOW.getTime() + 600_000)
  const context = { db: seeded.store.db, now: later, plan: planOf(['atlas', 'fresh']), keepsNothing: () => true }
  const told = (topic: string, params: object = {}) => answer(queries, { topic, params: { ...params } }, context)
  expect((await told('health')).warnings).toContain(
    'not_looked_yet: nothing has looked yet at fresh, because nothing new can be kept (vc doctor)',
  )
  await expect(told('machine', { id: 'fresh' })).rejects.toMatchObject({
    message: 'nothing has looked at fresh yet, because nothing new can be kept',
    fix: 'vc doctor',
  })
  const { findings } = (await told('doctor')).data as { findings: readonly object[] }
  expect(findings).toContainEqual(
    expect.objectContaining({
      says: 'nothing has been collected for 10 min, because nothing new can be kept; all that is shown is that old or older',
      fix: 'mend what is said of the data of vc',
    }),
  )
})

test('a fleet of which nothing new is kept is not healthy, and was what it was', async () => {
  const context = { db: seeded.store.db, now: NOW, plan: planOf(['atlas']) }
  const severity = async (more: object, params: object = {}) => {
    const { data } = await answer(
      queries,
      { topic: 'health', params: { machine: 'atlas', ...params } },
      { ...context, ...more },
    )
    return (data as { overall: { severity: string } }).overall.severity
  }
  const paused = { keepsNothing: () => true }
  const past = { at: NOW.toISOString() }
  expect([await severity({}), await severity(paused), await severity(paused, past)]).toEqual([
    'healthy',
    'critical',
    'healthy',
  ])
})

test('while the disk of vc is full, that it looks at nothing is no advice of its own', async () => {
  const first = async () => {
    const context = { db: seeded.store.db, now: new Date(NOW.getTime() + 600_000), plan: planOf(['atlas']) }
    const { data } = await answer(queries, { topic: 'triage', params: {} }, context)
    return (data as { recommendations: readonly { id: string }[] }).recommendations.map(({ id }) => id)
  }
  expect(await first()).toContain('nothing_looked')
  const alert = { alert_id: 'store_disk_full:fleet:store', rule: 'store_disk_full', machine_id: null, subject: 'store', severity: 'critical', status: 'firing', title: 'full', evidence_json: '{}', since: ago(60), fired_at: ago(60), resolved_at: null }
  const batches = [{ table: 'alerts', rows: [alert] }]
  await seeded.store.write({ machineId: 'fleet', source: 'oracle.store', at: ago(0), batches, awaited: true })
  expect(await first()).not.toContain('nothing_looked')
  expect(await first()).toContain('store_disk_full:fleet:store')
}) // biome-ignore format: a row
