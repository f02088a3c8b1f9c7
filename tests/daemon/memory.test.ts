import { expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openMemory } from '../../src/daemon/memory.ts'
import type { Store } from '../../src/store/index.ts'
import { scrapeRun } from '../scrape-run.ts'

const run = (over: Partial<ScrapeRun>): ScrapeRun => scrapeRun({ collector: 'claude', ...over })

/** A disk that counts how often it is read and can be broken. */
const disk = () => {
  const state = { reads: 0, broken: false }
  const rows = async (sql: string): Promise<unknown[]> => {
    state.reads++
    if (state.broken) throw new Error('the disk is broken')
    const cursor = { machine_id: 'atlas', source: 'claude', cursor_key: 'a.jsonl', value_json: '{"offset":10}' }
    return /FROM cursors/.test(sql) ? [cursor] : []
  }
  const byName = new Map([['machine_id', {}]])
  const catalog = new Map([['repos', { columns: [], byName }]])
  return { state, memory: openMemory({ db: { rows }, catalog } as unknown as Store) }
}

test('cursors are read from the disk once, and then as the committed runs left them', async () => {
  const { memory, state } = disk()
  expect(await memory.cursors('atlas', 'claude')).toEqual(new Map([['a.jsonl', { offset: 10 }]]))
  memory.committed(
    run({
      cursors: [
        { key: 'b.jsonl', value: { offset: 5 } },
        { key: 'a.jsonl', value: null },
      ],
    }),
  )
  expect(await memory.cursors('atlas', 'claude')).toEqual(new Map([['b.jsonl', { offset: 5 }]]))
  expect(state.reads).toBe(1)
  await memory.cursors('borg', 'claude')
  expect(state.reads).toBe(2)
})

test('two who ask at once cost one read', async () => {
  const { memory, state } = disk()
  await Promise.all([memory.cursors('atlas', 'claude'), memory.cursors('atlas', 'claude')])
  expect(state.reads).toBe(1)
})

test('a read that failed is not remembered, and costs nobody but who asked', async () => {
  const { memory, state } = disk()
  state.broken = true
  await expect(memory.cursors('atlas', 'claude')).rejects.toThrow('the disk is broken')
  // Here a rejection that nobody hears would end the test run.
  memory.committed(run({ cursors: [{ key: 'b.jsonl', value: 1 }] }))
  await new Promise((done) => setImmediate(done))
  state.broken = false
  expect(await memory.cursors('atlas', 'claude')).toEqual(new Map([['a.jsonl', { offset: 10 }]]))
})

test('known rows are read anew after the table was written, and only then', async () => {
  const { memory, state } = disk()
  await memory.known('atlas', 'repos')
  await memory.known('atlas', 'repos')
  expect(state.reads).toBe(1)
  memory.wrote('atlas', [{ table: 'sys_samples', rows: [] }])
  memory.wrote('borg', [{ table: 'repos', rows: [] }])
  await memory.known('atlas', 'repos')
  expect(state.reads).toBe(1)
  memory.committed(run({ batches: [{ table: 'repos', rows: [{ repo_id: 'r' }] }] }))
  await memory.known('atlas', 'repos')
  expect(state.reads).toBe(2)
})

test('nothing written on top of nothing is not read, but what a read under way may have missed is', async () => {
  const { memory, state } = disk()
  await memory.known('atlas', 'repos')
  memory.committed(run({ batches: [{ table: 'repos', rows: [] }] }))
  await memory.known('atlas', 'repos')
  expect(state.reads).toBe(1)
  memory.wrote('atlas', [{ table: 'repos', rows: [{ repo_id: 'r' }] }])
  const underWay = memory.known('atlas', 'repos')
  memory.wrote('atlas', [{ table: 'repos', rows: [{ repo_id: 'r' }] }])
  await underWay
  memory.wrote('atlas', [{ table: 'repos', rows: [] }])
  await memory.known('atlas', 'repos')
  expect(state.reads).toBe(3)
})

test('no news of a table without a latest picture is no reason to read it again', async () => {
  const { asked, memory } = repos()
  await memory.known('borg', 'repos')
  memory.committed(run({ machineId: 'borg', batches: [{ table: 'repos', rows: [] }] }))
  await memory.known('borg', 'repos')
  expect(asked.length).toBe(1)
})

test('a machine that is forgotten is read anew, others are not', async () => {
  const { memory, state } = disk()
  for (const id of ['atlas', 'atlas2']) await memory.cursors(id, 'claude')
  memory.forget('atlas')
  for (const id of ['atlas', 'atlas2']) await memory.cursors(id, 'claude')
  expect(state.reads).toBe(3)
})

/** A table of checkouts in which only borg has one; `hold` keeps the next answers back until it is called again. */
const repos = () => {
  const asked: string[] = []
  let held: PromiseWithResolvers<void> | null = null
  const rows = async (sql: string): Promise<unknown[]> => {
    asked.push(sql)
    await held?.promise
    return [{ machine_id: 'borg', repo_id: 'r1' }]
  }
  const columns = ['machine_id', 'repo_id'].map((name) => ({ name, type: 'VARCHAR' }))
  const byName = new Map(columns.map((column) => [column.name, column]))
  const memory = openMemory({ db: { rows }, catalog: new Map([['repos', { columns, byName }]]) } as unknown as Store)
  const hold = (): (() => void) => {
    held = Promise.withResolvers<void>()
    return held.resolve
  }
  return { asked, memory, hold }
}

test('known rows of several machines asked for in one turn cost one read, and each gets its own', async () => {
  const { asked, memory } = repos()
  const [atlas, borg] = await Promise.all(['atlas', 'borg'].map((id) => memory.known(id, 'repos')))
  expect([atlas, borg]).toEqual([[], [{ machine_id: 'borg', repo_id: 'r1' }]])
  expect(asked).toEqual([`SELECT * FROM "repos" WHERE machine_id IN ('atlas', 'borg')`])
  await memory.known('carl', 'repos')
  expect(asked.length).toBe(2)
})

test('who asks for known rows while a table is being read shares the next read of it', async () => {
  const { asked, memory, hold } = repos()
  const letGo = hold()
  const turn = () => new Promise((done) => setImmediate(done))
  const waiting = []
  for (const id of ['atlas', 'borg', 'carl']) {
    waiting.push(memory.known(id, 'repos'))
    await turn()
    await turn()
  }
  letGo()
  expect((await Promise.all(waiting)).map((rows) => rows.length)).toEqual([0, 1, 0])
  expect(asked).toEqual(
    ["'atlas'", "'borg', 'carl'"].map((ids) => `SELECT * FROM "repos" WHERE machine_id IN (${ids})`),
  )
})
