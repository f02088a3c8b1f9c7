import { expect, test } from 'vitest'
import type { RowBatch, ScrapeRun } from '../../src/core/rows.ts'
import { openSteady } from '../../src/daemon/steady.ts'
import { scrapeRun } from '../scrape-run.ts'

const run = (batches: readonly RowBatch[], more: Partial<ScrapeRun> = {}): ScrapeRun =>
  scrapeRun({ collector: 'live', batches, ...more })

const nothing: RowBatch = { table: 'agent_sightings', rows: [] }
const something: RowBatch = { table: 'agent_sightings', rows: [{ subject: 'a' }] }

test('nothing after nothing is quiet and carries no picture', () => {
  const steady = openSteady()
  expect(steady.lighten(run([nothing])).quiet).toBe(false)
  steady.stored(run([nothing]), true)
  expect(steady.lighten(run([nothing]))).toMatchObject({ quiet: true, run: { batches: [] } })
  expect(steady.lighten(run([nothing], { machineId: 'borg' })).quiet).toBe(false)
})

test('nothing after something, after a refusal or for another part is news', () => {
  const steady = openSteady()
  for (const [before, ok] of [
    [run([something]), true],
    [run([nothing]), false],
    [run([{ ...nothing, scope: 'default' }]), true],
    [run([nothing], { up: false, fault: 'timeout' }), true],
  ] as const) {
    steady.stored(run([nothing]), true)
    steady.stored(before, ok)
    expect(steady.lighten(run([nothing])).quiet).toBe(false)
  }
})

test('rows, cursors, faults and halves are never quiet', () => {
  const steady = openSteady()
  steady.stored(run([nothing]), true)
  for (const loud of [
    run([something]),
    run([nothing], { cursors: [{ key: 'k', value: 1 }] }),
    run([nothing], { up: false, fault: 'timeout' }),
    run([nothing], { partial: true }),
  ])
    expect(steady.lighten(loud)).toEqual({ run: loud, quiet: false })
})
