import { expect, test } from 'vitest'
import { openReadyRows } from '../../src/daemon/ready-rows.ts'
import type { FleetRows } from '../../src/queries/fleet-rows.ts'

const rows = (): FleetRows => ({
  machines: [],
  scrapes: [],
  sys: [],
  filesystems: [],
  agents: [],
  alerts: [],
  repos: [],
})

test('rows are read once, then stand until a judgement brings or changes them', async () => {
  let reads = 0
  const ready = openReadyRows(async () => {
    reads++
    return rows()
  })
  const first = await ready.now()
  expect(await ready.now()).toBe(first)
  const judged = rows()
  ready.judged(judged)
  expect(await ready.now()).toBe(judged)
  expect(reads).toBe(1)
  ready.judged(null)
  expect(await ready.now()).not.toBe(judged)
  expect(reads).toBe(2)
})

test('a failed read is not remembered', async () => {
  let failing = true
  const ready = openReadyRows(async () => {
    if (failing) throw new Error('busy')
    return rows()
  })
  await expect(ready.now()).rejects.toThrow('busy')
  failing = false
  await expect(ready.now()).resolves.toEqual(rows())
})
