import { expect, test } from 'vitest'
import type { CursorChange } from '../../src/core/rows.ts'
import { openProbeFacts } from '../../src/daemon/probe-facts.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

const BOOT = { hostname: 'fuji', os: 'Linux', osVersion: 'debian 12', kernel: '6.1', bootId: 'b1', cores: 2 }
const told = (more: object): readonly CursorChange[] => [
  { key: 'facts', value: { ...BOOT, clockSkewMs: 20, nvidia: false, ...more } },
]

test('what an earlier process was told of a machine is known before anything new is', async () => {
  const store = await tempStore()
  expect(await openProbeFacts(store).of('fuji')).toBeNull()
  await appendAll(store, runOf([], { machineId: 'fuji', cursors: told({}) }))
  const facts = openProbeFacts(store)
  facts.heard(runOf([], { machineId: 'fuji', startedAt: at(10) }))
  expect(await facts.of('fuji')).toEqual({ ...BOOT, skewMs: 20 })
  facts.heard(runOf([], { machineId: 'fuji', startedAt: at(20), cursors: told({ bootId: 'b2' }) }))
  expect(await facts.of('fuji')).toMatchObject({ bootId: 'b2' })
})

test('what is heard while the stored facts are read counts, and a read that failed is made again', async () => {
  const store = await tempStore()
  await appendAll(store, runOf([], { machineId: 'fuji', cursors: told({}) }))
  const facts = openProbeFacts(store)
  const reading = facts.of('fuji')
  facts.heard(runOf([], { machineId: 'fuji', cursors: told({ bootId: 'b2' }) }))
  expect(await reading).toMatchObject({ bootId: 'b2' })
  expect(await facts.of('fuji')).toMatchObject({ bootId: 'b2' })

  let isBroken = true
  const rows: typeof store.db.rows = (...asked) =>
    isBroken ? Promise.reject(new Error('busy')) : store.db.rows(...asked)
  const again = openProbeFacts({ db: { ...store.db, rows } })
  await expect(again.of('fuji')).rejects.toThrow('busy')
  isBroken = false
  expect(await again.of('fuji')).toMatchObject({ bootId: 'b1' })
})
