import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import type { Store } from '../../src/store/index.ts'
import { unlessEmpty } from '../../src/store/read/unless-empty.ts'
import { agent, pane } from './picture-rows.ts'
import { appendAll, at, runOf, tempStore } from './support.ts'

/** Another word each time it is really asked. */
const askedAnew = async ({ db }: Store, table: string): Promise<unknown> => {
  if (db.current === undefined) throw new Error('this store remembers nothing')
  return (await db.current<{ word: string }>([table], 'SELECT uuid()::VARCHAR AS word'))[0]?.word
}

const panes = (ids: readonly string[], about: Partial<ScrapeRun> = {}): ScrapeRun =>
  runOf([{ table: 'pty_panes', rows: ids.map((id) => pane(id)) }], { collector: 'tmux', ...about })

test('looks that see nothing where nothing was leave remembered answers alone; what comes and goes does not', async () => {
  const store = await tempStore()
  let minute = 0
  const afterLook = async (ids: readonly string[]): Promise<unknown> => {
    minute += 1
    await appendAll(store, panes(ids, { startedAt: at(minute * 60) }))
    return askedAnew(store, 'pty_panes')
  }
  const first = await afterLook([])
  expect(await afterLook([])).toBe(first)
  const filled = await afterLook(['%1'])
  expect(filled).not.toBe(first)
  const emptied = await afterLook([])
  expect(emptied).not.toBe(filled)
  expect(await afterLook([])).toBe(emptied)
  expect(await askedAnew(store, 'scrapes')).not.toBe(undefined)
})

test('what vc writes of its own does not change what was looked at', async () => {
  const store = await tempStore()
  const before = await askedAnew(store, 'scrapes')
  const written = await store.write({
    machineId: 'atlas',
    source: 'oracle.agents',
    at: at(0),
    batches: [{ table: 'agents', rows: [agent('atlas/claude-a')] }],
    awaited: true,
  })
  expect(written).toMatchObject({ ok: true })
  expect(await askedAnew(store, 'scrapes')).toBe(before)
  await appendAll(store, panes([]))
  expect(await askedAnew(store, 'scrapes')).not.toBe(before)
})

const look = fc.record({
  machine: fc.constantFrom('atlas', 'beta'),
  source: fc.constantFrom('tmux', 'screen'),
  minute: fc.nat(6),
  up: fc.boolean(),
  ids: fc.uniqueArray(fc.constantFrom('%1', '%2'), { maxLength: 2 }),
})

test('what is remembered of a picture is what stands there, however looks come', { timeout: 60_000 }, async () => {
  const store = await tempStore()
  const sql = 'SELECT machine_id, source, pane_id FROM latest_pty_panes ORDER BY ALL'
  let base = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(look, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), async (groups) => {
      for (const group of groups) {
        await appendAll(
          store,
          ...group.map(({ machine, source, minute, up, ids }) =>
            panes(ids, {
              ...{ machineId: machine, collector: source, startedAt: at(base + minute * 60) },
              ...{ up, fault: up ? null : 'timeout' },
            }),
          ),
        )
        expect(await store.db.current?.(['pty_panes'], sql)).toEqual(await store.db.rows(sql))
      }
      base -= 3600
    }),
    { numRuns: 60 },
  )
})

test('a question over tables of which one holds no row is not asked, and asked once they have one', async () => {
  const { db, ...store } = await tempStore()
  let asked = 0
  const ask = (tables: Parameters<typeof unlessEmpty>[1]) =>
    unlessEmpty(db, tables, async () => {
      asked += 1
      return ['answer']
    })
  expect([await ask(['pty_panes']), await ask([]), asked]).toEqual([[], ['answer'], 1])
  await appendAll({ db, ...store }, panes(['%1']))
  expect([await ask(['pty_panes']), await ask(['pty_panes', 'dcg_events']), asked]).toEqual([['answer'], [], 2])
  await appendAll({ db, ...store }, panes([], { startedAt: at(60) }))
  expect(await ask(['pty_panes'])).toEqual(['answer'])
})

test('whoever remembers nothing asks always', async () => {
  const { db } = await tempStore()
  expect(await unlessEmpty({ rows: db.rows }, ['dcg_events'], async () => ['answer'])).toEqual(['answer'])
})
