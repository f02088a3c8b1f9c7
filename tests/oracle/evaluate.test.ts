import { expect, test } from 'vitest'
import { type Alert, evaluate } from '../../src/oracle/evaluate.ts'
import type { Rule } from '../../src/oracle/rule.ts'

const hot: Rule<{ load: number }> = {
  id: 'hot',
  about: 'load above 1',
  holdMs: 10_000,
  clearMs: 5_000,
  judge: (p) =>
    p.load > 1
      ? [
          {
            machineId: 'atlas',
            subject: 'cpu',
            severity: 'warning',
            title: `load ${p.load}`,
            evidence: { load: p.load },
          },
        ]
      : [],
}

const diary = (entries: readonly [atS: number, load: number][]): string[] => {
  let known: readonly Alert[] = []
  return entries.map(([atS, load]) => {
    known = evaluate(
      [hot],
      { load },
      known.filter((a) => a.status !== 'resolved'),
      atS * 1000,
    )
    return known.map((a) => a.status).join() || 'none'
  })
}

test('pending, then firing after the hold, then resolved after the clear time', () => {
  expect(
    diary([
      [0, 2],
      [5, 2],
      [11, 2],
      [12, 0],
      [14, 0],
      [17, 0],
    ]),
  ).toEqual(['pending', 'pending', 'firing', 'firing', 'firing', 'resolved'])
})

test('a finding that goes away before its hold never fires', () => {
  expect(
    diary([
      [0, 2],
      [5, 0],
      [6, 2],
    ]),
  ).toEqual(['pending', 'resolved', 'pending'])
})

test('a flicker inside the clear time keeps one alert', () => {
  expect(
    diary([
      [0, 2],
      [11, 2],
      [12, 0],
      [13, 2],
    ]),
  ).toEqual(['pending', 'firing', 'firing', 'firing'])
})
