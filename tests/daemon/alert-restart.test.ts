import { expect, test } from 'vitest'
import { cockpit, full, hot, START, view } from './alert-cockpit.ts'

test('the words of what stands are brought up to date by the first look of another process', () => {
  const vc = cockpit()
  const filled = (usedPct: number) => view({ filesystems: [{ mount: '/', usedPct, inodesUsedPct: null }] })
  vc.look(0, filled(95))
  vc.restart(600)
  expect(vc.look(600, filled(98))).toMatchObject([{ rule: 'disk_low', title: 'atlas / has 2.0 % free' }])
  expect(vc.look(610, filled(99))).toEqual([])
  expect(vc.told).toHaveLength(1)
})

test('a restart in the middle of a hold neither forgets it nor counts the time nobody looked', () => {
  const vc = cockpit()
  for (let atS = 0; atS <= 300; atS += 15) vc.look(atS, hot)
  expect(vc.written.at(-1)).toMatchObject({ rule: 'load_high', status: 'pending' })
  // an hour later vc starts again, and the load is high again: five of ten minutes were seen
  vc.restart(3_900)
  vc.look(3_900, hot)
  expect(vc.told).toEqual([])
  for (let atS = 3_915; atS <= 4_170; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual([])
  for (let atS = 4_185; atS <= 4_290; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual(['firing load_high:atlas:load'])
})

test('after a restart a firing alert is not told again, and its end is', () => {
  const vc = cockpit()
  vc.look(0, full)
  vc.restart(600)
  vc.look(600, full)
  vc.look(660, view())
  vc.look(720, view())
  expect(vc.told).toEqual(['firing disk_low:atlas:/', 'resolved disk_low:atlas:/'])
})

test('a clock that jumps ahead fires nothing early, and one that jumps back loses nothing', () => {
  const vc = cockpit()
  vc.look(0, hot)
  vc.look(86_400, hot)
  expect(vc.told).toEqual([])
  vc.look(-86_400, hot)
  for (let atS = -86_385; atS <= -85_800; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual(['firing load_high:atlas:load'])
})

test('an alert that comes and goes stays silenced for as long as a person said, also over a restart', () => {
  const vc = cockpit()
  vc.look(0, full)
  vc.keeper().act({ action: 'silence', alert: 'disk_low:atlas:/', minutes: 10 }, START + 1_000)
  for (const atS of [30, 90, 91]) vc.look(atS, view())
  const until = new Date(START + 601_000)
  expect(vc.look(120, full)).toMatchObject([{ status: 'firing', silenced_until: until }])
  for (const atS of [150, 210, 211]) vc.look(atS, view())
  vc.restart(220)
  expect(vc.look(230, full)).toMatchObject([{ status: 'firing', silenced_until: until }])
  for (const atS of [240, 300, 301]) vc.look(atS, view())
  expect(vc.look(700, full)).toMatchObject([{ status: 'firing', silenced_until: null }])
})

test('rows that were not stored are handed out again', () => {
  const vc = cockpit()
  const rows = vc.look(0, full)
  vc.keeper().notStored(rows)
  expect(vc.look(15, full)).toMatchObject([{ rule: 'disk_low', status: 'firing' }])
  expect(vc.look(30, full)).toEqual([])
  const ended = [vc.look(75, view()), vc.look(135, view())].flat()
  expect(ended).toMatchObject([{ status: 'resolved' }])
  vc.keeper().notStored(ended)
  expect(vc.look(150, view())).toMatchObject([{ status: 'resolved' }])
  expect(vc.look(165, view())).toEqual([])
})
