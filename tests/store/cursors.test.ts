import { expect, test } from 'vitest'
import { cursorsOf, type Db } from '../../src/store/index.ts'
import { appendAll, runOf, tempStore } from './support.ts'

const MACHINES = ['atlas', 'borg', "o'brien"]

const world = async () => {
  const store = await tempStore()
  await appendAll(
    store,
    ...MACHINES.flatMap((machineId) =>
      ['claude', 'codex'].map((collector) =>
        runOf([], { machineId, collector, cursors: [{ key: 'at', value: `${machineId} ${collector}` }] }),
      ),
    ),
  )
  const asked: string[] = []
  let refuse: Error | null = null
  const rows = ((sql, params) => {
    asked.push(sql)
    return refuse === null ? store.db.rows(sql, params) : Promise.reject(refuse)
  }) as Db['rows']
  return {
    asked,
    refuse: (error: Error | null): void => {
      refuse = error
    },
    of: async (machineId: string, source: string) => Object.fromEntries(await cursorsOf({ rows }, machineId, source)),
  }
}

test('cursors of many sources that are asked for together are read in one question, each told its own', async () => {
  const { of, asked } = await world()
  const pairs = MACHINES.flatMap((machineId) =>
    ['claude', 'codex', 'git'].map((source) => [machineId, source] as const),
  )
  const said = await Promise.all(pairs.map(([machineId, source]) => of(machineId, source)))
  expect(said).toEqual(pairs.map(([machineId, source]) => (source === 'git' ? {} : { at: `${machineId} ${source}` })))
  expect(asked).toHaveLength(1)
})

test('who comes while a question is answered waits for the next one, together with all who come then', async () => {
  const { of, asked } = await world()
  const first = of('atlas', 'claude')
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.resolve()
  const others: Promise<unknown>[] = []
  for (const machineId of MACHINES) {
    others.push(of(machineId, 'codex'))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await first).toEqual({ at: 'atlas claude' })
  expect(await Promise.all(others)).toEqual(MACHINES.map((machineId) => ({ at: `${machineId} codex` })))
  expect(asked.length).toBeLessThan(1 + MACHINES.length)
})

test('a question that fails costs who asked then, and nobody after', async () => {
  const { of, refuse } = await world()
  refuse(new Error('no disk'))
  await expect(Promise.all([of('atlas', 'claude'), of('borg', 'claude')])).rejects.toThrow('no disk')
  refuse(null)
  expect(await of('atlas', 'claude')).toEqual({ at: 'atlas claude' })
})

test('hundreds of cursors of a first look are all kept, then changed and forgotten like any other', async () => {
  const store = await tempStore()
  const keys = Array.from({ length: 700 }, (_, n) => `/srv/${n} 'ü'.jsonl`)
  const look = (value: (n: number) => unknown, machineId = 'atlas') =>
    appendAll(
      store,
      runOf([], { machineId, collector: 'claude', cursors: keys.map((key, n) => ({ key, value: value(n) })) }),
    )
  const kept = async (machineId = 'atlas') =>
    Object.fromEntries(await cursorsOf({ rows: store.db.rows }, machineId, 'claude'))
  await look((n) => ({ offset: n }))
  expect(await kept()).toEqual(Object.fromEntries(keys.map((key, n) => [key, { offset: n }])))
  await look((n) => ({ offset: 2 * n }), 'borg')
  await look((n) => (n % 2 === 0 ? null : { offset: n + 1 }))
  expect(await kept()).toEqual(
    Object.fromEntries(keys.flatMap((key, n) => (n % 2 === 0 ? [] : [[key, { offset: n + 1 }]]))),
  )
  expect(Object.keys(await kept('borg'))).toHaveLength(700)
})
