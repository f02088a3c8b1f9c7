import { describe, expect, test } from 'vitest'
import { pane } from './picture-rows.ts'
import { appendAll, at, count, runOf, sys, tempStore } from './support.ts'

describe('bad rows', () => {
  const bad = [
    ['a table nobody registered', { table: 'nope', rows: [] }, 'no table nope in the registry'],
    [
      'a column the table lacks',
      { table: 'sys_samples', rows: [sys(0, { colour: 'red' })] },
      'sys_samples has no column colour',
    ],
    [
      'a wrong type',
      { table: 'sys_samples', rows: [sys(0, { cores: 'many' })] },
      'sys_samples.cores got text, the column is INTEGER',
    ],
    [
      'NaN',
      { table: 'sys_samples', rows: [sys(0, { load1: Number.NaN })] },
      'sys_samples.load1 got NaN, the column is FLOAT',
    ],
    [
      'a fraction of a byte',
      { table: 'sys_samples', rows: [sys(0, { mem_used_bytes: 1.5 })] },
      'sys_samples.mem_used_bytes got a fraction, the column is BIGINT',
    ],
    [
      'a missing key',
      { table: 'pty_panes', rows: [{ socket: 's', dead: false }] },
      'pty_panes.pane_id is missing and may not be null',
    ],
    [
      'another machine',
      { table: 'pty_panes', rows: [{ ...pane('%1'), machine_id: 'other' }] },
      'pty_panes row names another machine than its run',
    ],
    ['a table of the store', { table: 'scrapes', rows: [] }, 'scrapes is written by the store alone'],
  ] as const

  test.each(bad)(
    '%s: the run is refused with the name, its cursor stays, its neighbour is stored',
    async (_, batch, detail) => {
      const store = await tempStore()
      const [refused, stored] = await appendAll(
        store,
        runOf([batch as never], { cursors: [{ key: 'k', value: 1 }] }),
        runOf([{ table: 'sys_samples', rows: [sys(0)] }], { machineId: 'beta' }),
      )
      expect(refused).toEqual({ ok: false, fault: 'persist_failed', detail })
      expect(stored).toEqual({ ok: true, inserted: 1, duplicates: 0 })
      expect(await count(store, 'cursors')).toBe(0)
      expect(await store.db.rows("SELECT up, fault, detail FROM latest_scrapes WHERE machine_id = 'atlas'")).toEqual([
        { up: false, fault: 'persist_failed', detail },
      ])
    },
  )

  test('that only the database refuses cost their own run alone', async () => {
    const store = await tempStore()
    const orphan = { agent_id: 'atlas/x', cwd: '/only' } // a new agent without its NOT NULL columns
    const [first, second, third] = await appendAll(
      store,
      runOf([{ table: 'sys_samples', rows: [sys(0)] }]),
      runOf([{ table: 'agents', rows: [orphan] }], { machineId: 'beta' }),
      runOf([{ table: 'sys_samples', rows: [sys(0)] }], { machineId: 'gamma' }),
    )
    expect([first?.ok, third?.ok]).toEqual([true, true])
    expect(second).toMatchObject({ ok: false, fault: 'persist_failed' })
    expect(second && 'detail' in second && second.detail).toMatch(/cli/)
    expect(await store.db.rows('SELECT machine_id FROM sys_samples ORDER BY 1')).toEqual([
      { machine_id: 'atlas' },
      { machine_id: 'gamma' },
    ])
    // What was made for the failed transactions alone is made again.
    const whole = { ...orphan, cli: 'claude', kind: 'observed', first_seen: at(0) }
    const [after] = await appendAll(store, runOf([{ table: 'agents', rows: [whole] }], { machineId: 'beta' }))
    expect(after).toEqual({ ok: true, inserted: 1, duplicates: 0 })
  })
})

describe('a closed store', () => {
  test('finishes what runs, then refuses to read and to write', async () => {
    const store = await tempStore()
    const asked = store.db.rows('SELECT count(*) AS n FROM range(3_000_000)')
    await store.close()
    expect(await asked).toEqual([{ n: 3_000_000 }])
    await expect(store.db.rows('SELECT 1')).rejects.toMatchObject({ code: 'store_closed' })
    expect(await store.append(runOf([]))).toMatchObject({ ok: false, detail: 'the store has been closed' })
  })
})

describe('a full disk', () => {
  test('stops writing, keeps serving, and is over by itself', async () => {
    let free = 10
    const store = await tempStore({ freeBytes: async () => free, minFreeBytes: 1000 })
    const run = runOf([{ table: 'sys_samples', rows: [sys(0)] }])
    const [refused] = await appendAll(store, run)
    expect(refused).toMatchObject({ ok: false, fault: 'persist_failed' })
    expect(refused && 'detail' in refused && refused.detail).toMatch(/^disk_full: 10 bytes free/)
    expect(await count(store, 'sys_samples')).toBe(0)
    free = 5000
    expect(await appendAll(store, run)).toEqual([{ ok: true, inserted: 1, duplicates: 0 }])
  })
})
