// How sources stand is told alike by whoever tells of them: up, down, or not there.
import { expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, inventory, NOW, planOf, run } from './seeded-store.ts'

const RUNS: readonly (readonly [string, Partial<ScrapeRun>])[] = [
  ['probe', {}],
  ['tmux', { up: false, fault: 'not_configured' }],
  ['claude', { up: false, fault: 'timeout' }],
  ['git', { up: false, fault: 'tool_missing' }],
]
const STANDINGS = { probe: 'up', tmux: 'absent', claude: 'down', git: 'absent' }

interface Line {
  readonly source: string
  readonly standing: string
}
const standings = (lines: readonly Line[]) =>
  Object.fromEntries(lines.map(({ source, standing }) => [source, standing]))

test('scrapes and the sources of a machine say the same', async () => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const machines = { table: 'machines', rows: inventory(['atlas']) }
  await store.write({ machineId: 'atlas', source: 'config', at: ago(7_200), batches: [machines] })
  for (const [source, over] of RUNS) await store.append(run('atlas', source, 5, [], over))
  const ask = async <Data>(topic: string, params: object) =>
    (await answer(queries, { topic, params: { ...params } }, { db: store.db, now: NOW, plan: planOf(['atlas']) }))
      .data as Data
  const told = await ask<{ scrapes: Line[]; total: number; down: number; absent: number }>('scrapes', {
    machine: 'atlas',
  })
  expect(told).toMatchObject({ total: 4, down: 3, absent: 2 })
  expect(standings(told.scrapes)).toEqual(STANDINGS)
  const { sources } = await ask<{ sources: Line[] }>('machine', { id: 'atlas' })
  expect(standings(sources)).toEqual(STANDINGS)
})
