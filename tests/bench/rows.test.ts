import { describe, expect, test } from 'vitest'
import { atMost, type Figure, table } from '../../bench/bench.ts'
import { killNine } from '../../bench/rows/kill-nine.ts'
import { robotHealth } from '../../bench/rows/robot-health.ts'
import { sickNeighbours } from '../../bench/rows/sick-neighbours.ts'
import { missingPrograms } from '../transport/executors/fleet.ts'

const LIMIT_MS = 300_000
/** What loads a shared machine for a moment must not fail a change: ratios have threefold room here. */
const ROOM = 3

const line = (value: number): Figure =>
  atMost({ what: 'a', figure: `${value} ms`, baseline: '', ratio: value, value, limit: 2, unit: ' x' })

test('the table says in plain words what falls short', () => {
  const text = table([line(1.5), line(2.5)])
  expect(text.split('\n').map((row) => row.split(/ {2,}/))).toEqual([
    ['what', 'figure', 'baseline', 'ratio', 'target'],
    ['a', '1.5 ms', '1.50', '<= 2 x', 'ok'],
    ['a', '2.5 ms', '2.50', '<= 2 x', 'SHORT'],
  ])
})

test('vc robot health costs little more than an empty script', { timeout: LIMIT_MS }, async () => {
  const [figure] = await robotHealth.run({ full: false })
  expect(figure?.ratio).toBeLessThanOrEqual(1.6 * ROOM)
})

test('kill -9 of the daemon loses nothing and counts nothing twice', { timeout: LIMIT_MS }, async () => {
  const figures = await killNine.run({ full: false })
  expect(figures.filter(({ ok }) => ok !== true)).toEqual([])
})

describe.skipIf(missingPrograms(['sshd', 'ssh-keygen', 'bash']) !== null)('a fleet', () => {
  test('of which some are sick misses no tick of the others', { timeout: LIMIT_MS }, async () => {
    const [missed] = await sickNeighbours.run({ full: false })
    expect(missed).toMatchObject({ figure: '0', ok: true })
  })
})
