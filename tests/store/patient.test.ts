import { expect, test } from 'vitest'
import { at, count, runOf, sys, tempStore } from './support.ts'

test('a patient run commits with the next one that brings facts, in one go with others like it', async () => {
  const store = await tempStore({ groupWindowMs: 5, patienceMs: 600_000 })
  const quiet = [1, 2, 3, 3].map((n) =>
    store.append(runOf([], { collector: 'live', startedAt: at(n) }), { patient: true }),
  )
  expect(await Promise.race([quiet[0], Promise.resolve('waits')])).toBe('waits')
  await store.append(runOf([{ table: 'sys_samples', rows: [sys(4)] }], { startedAt: at(4) }))
  expect((await Promise.all(quiet)).every((outcome) => outcome.ok)).toBe(true)
  expect(await count(store, 'scrapes')).toBe(4)
  const [live] = await store.db.rows(
    `SELECT count(*) AS n, max(epoch_ms(last_ok_at)) AS ok FROM latest_scrapes WHERE source = 'live'`,
  )
  expect(live).toEqual({ n: 1, ok: at(3).getTime() })
})

test('a failure after quiet runs counts from them', async () => {
  const store = await tempStore({ groupWindowMs: 60_000 })
  const failed = { up: false, fault: 'timeout' as const, detail: null }
  const runs = [
    runOf([], { collector: 'live', startedAt: at(0), ...failed }),
    runOf([], { collector: 'live', startedAt: at(1) }),
    runOf([], { collector: 'live', startedAt: at(2) }),
    runOf([], { collector: 'live', startedAt: at(3), ...failed }),
  ].map((run) => store.append(run))
  await store.flush()
  await Promise.all(runs)
  const [live] = await store.db.rows(
    `SELECT consecutive_failures AS failures, epoch_ms(last_ok_at) AS ok FROM latest_scrapes WHERE source = 'live'`,
  )
  expect(live).toEqual({ failures: 1, ok: at(2).getTime() })
})

test('patience ends: alone it commits by itself, and closing waits for nothing', async () => {
  const store = await tempStore({ groupWindowMs: 5, patienceMs: 20 })
  expect(await store.append(runOf([], { startedAt: at(1) }), { patient: true })).toMatchObject({ ok: true })
  const last = store.append(runOf([], { startedAt: at(2) }), { patient: true })
  await store.close()
  expect(await last).toMatchObject({ ok: true })
})

test('while somebody is in a hurry nothing waits for company, and afterwards it does again', async () => {
  const store = await tempStore({ groupWindowMs: 600_000, patienceMs: 600_000 })
  const waiting = store.append(runOf([], { startedAt: at(1) }))
  const relax = store.hurry()
  expect(await waiting).toMatchObject({ ok: true })
  expect(await store.append(runOf([], { startedAt: at(2) }))).toMatchObject({ ok: true })
  expect(await store.append(runOf([], { startedAt: at(3) }), { patient: true })).toMatchObject({ ok: true })
  relax()
  relax()
  const hurried = store.hurry()
  expect(await store.append(runOf([], { startedAt: at(4) }))).toMatchObject({ ok: true })
  hurried()
  const last = store.append(runOf([], { startedAt: at(5) }))
  // A commit of somebody else's that came later and is not waited for by it: reads go on meanwhile.
  expect(await count(store, 'scrapes')).toBe(4)
  await store.flush()
  expect(await last).toMatchObject({ ok: true })
})

test('a run with news waits for no window, and takes along what waits', async () => {
  const store = await tempStore({ groupWindowMs: 600_000, patienceMs: 600_000 })
  const waiting = store.append(runOf([{ table: 'sys_samples', rows: [sys(1)] }], { startedAt: at(1) }))
  const news = runOf([], { collector: 'live', startedAt: at(2) })
  expect(await store.append(news, { soon: true })).toMatchObject({ ok: true })
  expect(await waiting).toMatchObject({ ok: true, inserted: 1 })
  const change = { machineId: 'atlas', source: 'oracle.agents', at: at(3), batches: [] }
  expect(await store.write({ ...change, soon: true })).toMatchObject({ ok: true })
})

test('a run with leisure commits after it, or with the first that has none', async () => {
  const store = await tempStore({ groupWindowMs: 5 })
  const facts = (n: number) => runOf([{ table: 'sys_samples', rows: [sys(n)] }], { startedAt: at(n) })
  expect(await store.append(facts(1), { leisureMs: 20 })).toMatchObject({ ok: true })
  const waiting = store.append(facts(2), { leisureMs: 600_000 })
  expect(await Promise.race([waiting, Promise.resolve('waits')])).toBe('waits')
  expect(await store.append(runOf([], { collector: 'live', startedAt: at(3) }))).toMatchObject({ ok: true })
  expect(await waiting).toMatchObject({ ok: true })
  const told = store.append(facts(4), { leisureMs: 600_000, soon: true })
  expect(await told).toMatchObject({ ok: true })
  expect(await count(store, 'sys_samples')).toBe(3)
})
