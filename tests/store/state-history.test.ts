import { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { appendAll, at, runOf, tempStore } from './support.ts'

/** Pane number to title, and a quiet column; a pane that is not named is not there. */
const picture = fc.record({
  up: fc.boolean(),
  source: fc.constantFrom('probe', 'tmux'),
  panes: fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 3 }),
      server: fc.constantFrom(null, 7),
      title: fc.constantFrom(null, '', 'a', 'b\ud800'),
      size: fc.nat(2),
    }),
    { selector: ({ id, server }) => `${id} ${server}`, maxLength: 4 },
  ),
})
type Picture = {
  up: boolean
  source: string
  panes: { id: number; server: number | null; title: string | null; size: number }[]
}

const rowsOf = ({ panes }: Picture) =>
  panes.map(({ id, server, title, size }) => ({
    socket: 's',
    server_start_epoch_s: server,
    pane_id: `%${id}`,
    dead: false,
    title,
    history_size: size,
  }))

/** One line per row of history, and the last picture, told again without SQL. */
const told = (pictures: readonly Picture[]) => {
  const history: string[] = []
  const last = new Map<string, { title: string | null; size: number }>()
  for (const [step, { up, source, panes }] of pictures.entries()) {
    const now = new Set<string>()
    for (const { id, server, title: given, size } of panes) {
      const title = given === null ? null : given.toWellFormed()
      const key = `${source} %${id} ${server}`
      now.add(key)
      const before = last.get(key)
      if (!before || before.title !== title) history.push(`${step} ${key} ${title} here`)
      last.set(key, { title, size })
    }
    for (const [key, { title }] of up ? [...last] : []) {
      if (!key.startsWith(`${source} `) || now.has(key)) continue
      history.push(`${step} ${key} ${title} gone`)
      last.delete(key)
    }
  }
  return { history: history.sort(), last: [...last].map(([key, { title, size }]) => `${key} ${title} ${size}`).sort() }
}

test('history holds what is new, changed or gone and nothing else, whatever the pictures show', {
  timeout: 120_000,
}, async () => {
  let store = await tempStore()
  const words = async (sql: string): Promise<readonly string[]> =>
    (await store.db.rows<{ word: string }>(sql)).map(({ word }) => word).sort()
  const key =
    "source || ' ' || pane_id || ' ' || coalesce(server_start_epoch_s::VARCHAR, 'null') || ' ' || coalesce(title, 'null') || ' ' ||"
  const step = `(epoch_ms(collected_at) - ${at(0).getTime()}) // 1000`
  await fc.assert(
    fc.asyncProperty(fc.array(picture, { minLength: 2, maxLength: 6 }), async (pictures) => {
      // A file of its own: the writer remembers what it wrote, so nothing may be deleted behind its back.
      await store.close()
      store = await tempStore()
      for (const [index, one] of pictures.entries()) {
        const about = {
          collector: one.source,
          startedAt: at(index),
          up: one.up,
          fault: one.up ? null : ('timeout' as const),
        }
        await appendAll(store, runOf([{ table: 'pty_panes', rows: rowsOf(one) }], about))
      }
      expect({
        history: await words(
          `SELECT ${step} || ' ' || ${key} CASE WHEN gone THEN 'gone' ELSE 'here' END AS word FROM pty_panes`,
        ),
        last: await words(`SELECT ${key} history_size AS word FROM latest_pty_panes`),
      }).toEqual(told(pictures))
    }),
    { numRuns: Number(process.env.VC_PROPERTY_RUNS ?? 15) },
  )
})

const shown = (second: number, title: string) =>
  runOf(
    [
      {
        table: 'pty_panes',
        rows: rowsOf({ up: true, source: 'tmux', panes: [{ id: 1, server: 7, title, size: second }] }),
      },
    ],
    {
      collector: 'tmux',
      startedAt: at(second),
    },
  )
const HISTORY = 'SELECT title, gone FROM pty_panes ORDER BY collected_at'

test('a picture that shows what the last one showed is neither history nor read, and its quiet columns are kept', async () => {
  const store = await tempStore()
  const reads = vi.spyOn(DuckDBConnection.prototype, 'runAndReadAll')
  const asked = (): number => reads.mock.calls.filter(([sql]) => sql.includes('latest_pty_panes')).length
  await appendAll(store, shown(1, 'a'))
  const first = asked()
  await appendAll(store, shown(2, 'a'))
  const both = asked()
  reads.mockRestore()
  expect(first).toBeGreaterThan(0)
  expect(both).toBe(first)
  expect(await store.db.rows(HISTORY)).toEqual([{ title: 'a', gone: false }])
  expect(await store.db.rows('SELECT history_size FROM latest_pty_panes')).toEqual([{ history_size: 2 }])
})

test('a picture whose group did not commit is news when it is tried alone', async () => {
  const store = await tempStore()
  await appendAll(store, shown(1, 'a'))
  // A new agent without its NOT NULL columns: only the database refuses it.
  const bad = runOf([{ table: 'agents', rows: [{ agent_id: 'atlas/x', cwd: '/only' }] }], { machineId: 'beta' })
  const [first, second] = await appendAll(store, shown(2, 'b'), bad)
  expect([first?.ok, second?.ok]).toEqual([true, false])
  await appendAll(store, shown(3, 'b'))
  expect(await store.db.rows(HISTORY)).toEqual([
    { title: 'a', gone: false },
    { title: 'b', gone: false },
  ])
})
