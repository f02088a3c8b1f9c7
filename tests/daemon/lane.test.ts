import { expect, test } from 'vitest'
import { defineCollector } from '../../src/core/collector.ts'
import { openLane } from '../../src/daemon/lane.ts'
import { scrapeRun } from '../scrape-run.ts'

const collector = (name: string) =>
  defineCollector({
    name,
    version: '1.0.0',
    schemaVersion: 1,
    tables: [],
    interval: { localS: 10, remoteS: 30 },
    timeoutMs: 1000,
    needs: [],
    about: '',
    collect: async () => ({ batches: [] }),
  })

const turn = (name: string, intervalS: number) => ({
  collector: collector(name),
  intervalS,
  timeoutMs: 1000,
  options: {},
})
const lane = () =>
  openLane('atlas', { phaseMs: 0, baseTickMs: 10_000 }, [turn('probe', 30), turn('git', 300)], {
    id: 'atlas',
    local: false,
    os: null,
    tools: null,
  })
const names = (taken: readonly { collector: { name: string } }[]) => taken.map((t) => t.collector.name)

test('everything is due at the start, then each at its own pace', () => {
  const l = lane()
  const first = l.take(30)
  expect(names(first)).toEqual(['probe', 'git'])
  l.done([], first)
  expect(names(l.take(31))).toEqual([])
  expect(names(l.take(33))).toEqual(['probe'])
})

test('a run still in flight is not started again; the turn is dropped and counted', () => {
  const l = lane()
  const first = l.take(30)
  expect(names(l.take(33))).toEqual([])
  expect(l.missed).toBe(1)
  l.done([], first)
  expect(names(l.take(34))).toEqual([])
  expect(names(l.take(36))).toEqual(['probe'])
})

test('failures of the way are counted in a row and forgotten with the first answer', () => {
  const l = lane()
  l.done([scrapeRun({ up: false, fault: 'unreachable' })], l.take(1))
  l.done([scrapeRun({ up: false, fault: 'unreachable' })], l.take(4))
  expect(l.transportFailures).toBe(2)
  l.done([scrapeRun({ up: false, fault: 'bad_output' })], l.take(7))
  expect(l.transportFailures).toBe(2)
  l.done([scrapeRun({})], l.take(10))
  expect(l.transportFailures).toBe(0)
})

test('one collector can be asked for at once, whatever its turn', () => {
  const l = lane()
  l.done([], l.take(30))
  expect(names(l.take(31, new Set(['git']), true))).toEqual(['git'])
})

test('a source that keeps showing the same takes every second turn, then every fourth, and none counts as missed', () => {
  const steady = { ...turn('git', 300), stretches: true }
  const l = openLane('atlas', { phaseMs: 0, baseTickMs: 10_000 }, [steady], {
    id: 'atlas',
    local: false,
    os: null,
    tools: null,
  })
  const looks: number[] = []
  for (let tick = 120; tick < 900; tick++) {
    const taken = l.take(tick)
    if (taken.length === 0) continue
    looks.push(tick)
    l.done([scrapeRun({ collector: 'git', up: tick !== 840 })], taken)
  }
  expect(looks).toEqual([120, 150, 180, 240, 300, 360, 480, 600, 720, 840, 870])
  expect(l.missed).toBe(0)
})

test('a hastened source is due before its turn, once, and not before a part of its interval has passed', () => {
  const l = lane()
  l.done([scrapeRun({ collector: 'probe' }), scrapeRun({ collector: 'git' })], l.take(30))
  expect(l.hasten('git', 30)).toBe(false)
  expect(names(l.take(32))).toEqual([]) // looked at on the tick that brought the news
  expect(l.hasten('git', 32)).toBe(true)
  l.done([], l.take(33))
  expect(names(l.take(35))).toEqual([])
  const hastened = l.take(36)
  expect(names(hastened)).toEqual(['probe', 'git'])
  l.hasten('git', 37)
  expect(names(l.take(42))).toEqual([]) // still running: it waits
  l.done([], hastened)
  expect(l.missed).toBe(1) // the probe's
  expect(names(l.take(43))).toEqual(['git'])
})

test('something new does not wait as long as something that may have changed, whatever else was told before or after', () => {
  const l = lane()
  l.done([], l.take(30))
  l.hasten('git', 31, 'changed')
  l.hasten('git', 31, 'new')
  l.hasten('git', 31, 'changed')
  expect(names(l.take(31))).toEqual(['git'])
  expect(names(l.take(32))).toEqual([])
})

test('turns of a machine that was left alone are nobody’s to take, and the retry takes all', () => {
  const l = lane()
  l.done([scrapeRun({ up: false, fault: 'unreachable' })], l.take(30))
  const retried = l.take(60, undefined, true)
  expect(names(retried)).toEqual(['probe', 'git'])
  l.done([scrapeRun({})], retried)
  l.done([], l.take(63))
  expect(l.missed).toBe(0)
})

test('turns that vc itself slept through are not missed, those of a busy vc are', () => {
  const l = lane()
  for (const tick of [30, 31, 32]) l.done([], l.take(tick))
  // nine minutes on
  const woken = l.take(86)
  expect(names(woken)).toEqual(['probe', 'git'])
  l.done([], woken)
  expect(l.missed).toBe(0)
  // the beats of half a minute came late
  l.done([], l.take(87))
  l.done([], l.take(93))
  expect(l.missed).toBe(1)
})

test('a run that vc slept through is no late one', () => {
  const l = lane()
  const first = l.take(30)
  expect(names(l.take(84))).toEqual([])
  expect(l.missed).toBe(0)
  l.done([], first)
})
