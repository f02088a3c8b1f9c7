import { expect, test } from 'vitest'
import { openReadyRows } from '../../src/daemon/ready-rows.ts'
import type { FleetRows } from '../../src/queries/fleet-rows.ts'

const at = (s: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, s))

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
  ready.judged(judged, at(1))
  expect(await ready.now()).toBe(judged)
  expect(reads).toBe(1)
  ready.judged(null, at(2))
  expect(await ready.now()).not.toBe(judged)
  expect(reads).toBe(2)
})

test('what was written beside a judgement is read at once, also when one that began before it ends after it', async () => {
  const ready = openReadyRows(async () => rows())
  const judged = rows()
  ready.judged(judged, at(1))
  ready.changed(at(3))
  expect(await ready.now()).not.toBe(judged)
  ready.judged(judged, at(2))
  expect(await ready.now()).not.toBe(judged)
  ready.judged(judged, at(4))
  expect(await ready.now()).toBe(judged)
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
