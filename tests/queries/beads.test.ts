import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beads as collector } from '../../src/collectors/beads/index.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { type LocalWorld, makeBeads, openLocalWorld } from '../collectors/beads/local-world.ts'
import { planOf } from './seeded-store.ts'

const fixture = readFileSync(join(import.meta.dirname, '../fixtures/beads/issues.bd.jsonl'), 'utf8')
const ring = (id: string, on: string) =>
  JSON.stringify({ id, title: id, status: 'open', priority: 1, dependencies: [{ depends_on_id: on, type: 'blocks' }] })

let world: LocalWorld
beforeAll(async () => {
  world = await openLocalWorld()
  const metadata = { 'metadata.json': '{"backend":"dolt","project_id":"same-project"}' }
  const dirs = ['one', 'clone', 'tied'].map((name) => join(world.dir, name))
  makeBeads(dirs[0] ?? '', { ...metadata, 'issues.jsonl': fixture })
  makeBeads(dirs[1] ?? '', { ...metadata, 'issues.jsonl': fixture })
  makeBeads(dirs[2] ?? '', { 'issues.jsonl': [ring('r-1', 'r-2'), ring('r-2', 'r-1')].join('\n') })
  await world.tick(collector, { options: { dirs } })
})
afterAll(async () => {
  await world.close()
  rmSync(world.dir, { recursive: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const ask = async (params: Record<string, unknown> = {}): Promise<any> =>
  (
    await answer(
      queries,
      { topic: 'beads', params },
      { db: world.store.db, now: new Date(), plan: planOf(['atlas', 'borg']) },
    )
  ).data

test('ready ones are ranked with reasons; an issue seen in two checkouts counts once', async () => {
  const { totals, ready, blocked, in_progress } = await ask()
  expect(totals).toMatchObject({ projects: 2, issues: 9, ready: 2, blocked: 3, in_progress: 1, done: 1 })
  expect(ready.map(({ id, reasons }: { id: string; reasons: string[] }) => [id, reasons[1] ?? null])).toEqual([
    ['demo-a1f', 'unblocks 1'],
    ['demo-a1f.1', null],
  ])
  expect(blocked.find(({ id }: { id: string }) => id === 'demo-b2c').waits_on).toEqual(['demo-a1f'])
  expect(in_progress).toMatchObject([{ id: 'demo-c3d', assignee: 'agent/cod_2' }])
})

test('what is parked and what is done stand in lists of their own', async () => {
  const { parked, done } = await ask()
  expect(parked.map(({ status, standing }: Record<string, string>) => [status, standing])).toEqual(
    expect.arrayContaining([
      ['review', 'held'],
      ['deferred', 'deferred'],
    ]),
  )
  expect(done).toHaveLength(1)
  expect(done[0]).toMatchObject({ status: 'closed', closed: expect.stringMatching(/^20/) })
  expect((await ask({ limit: 0 })).done).toEqual([])
})

test('each project names its cycles and its critical path', async () => {
  const { projects } = await ask()
  const by = new Map(projects.map((row: { name: string }) => [row.name, row]))
  expect(by.get('tied')).toMatchObject({ cycles: [['r-1', 'r-2']], critical_path: [], counts: { blocked: 2 } })
  expect(by.get('one')).toMatchObject({
    critical_path: ['demo-a1f', 'demo-b2c', 'demo-c3d'],
    by_status: { open: 3, closed: 1, deferred: 1, in_progress: 1, review: 1 },
    bv_top_picks: null,
  })
})

test('filters by project, status and machine; limit cuts the lists and not the counts', async () => {
  expect((await ask({ repo: 'tied' })).totals).toMatchObject({ projects: 1, issues: 2, ready: 0 })
  expect((await ask({ status: 'review' })).totals).toMatchObject({ issues: 1, held: 1 })
  expect((await ask({ status: 'ready' })).blocked).toEqual([])
  expect((await ask({ machine: 'borg' })).projects).toEqual([])
  const none = await ask({ limit: 0 })
  expect([none.ready, none.totals.ready]).toEqual([[], 2])
})

test('issues of a machine that was removed are not counted now; asked by name they are as last read', async () => {
  const { totals } = await ask()
  const [row] = await world.store.db.rows<{ machine_id: string }>(
    'SELECT any_value(machine_id) AS machine_id FROM latest_beads_projects',
  )
  const machine = row?.machine_id ?? ''
  const now = new Date()
  const gone = { machine_id: machine, ssh_target: 'local', tags_json: '[]', roles_json: '[]', enabled: false, allow_write_commands: false, allow_autopilot: false, status: 'unknown', consecutive_failures: 0, first_seen_at: now, removed_at: now } // biome-ignore format: one row
  const batches = [{ table: 'machines', rows: [gone] }]
  expect(await world.store.write({ machineId: 'fleet', source: 'config', at: now, batches })).toMatchObject({
    ok: true,
  })
  expect((await ask()).totals).toMatchObject({ projects: 0, issues: 0, ready: 0 })
  expect((await ask({ machine })).totals).toEqual(totals)
})
