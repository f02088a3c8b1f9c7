import { expect, test } from 'vitest'
import { clockSkew } from '../../../src/oracle/rules/clock-skew.ts'
import { collectorRed } from '../../../src/oracle/rules/collector-red.ts'
import { dirtyRepos } from '../../../src/oracle/rules/dirty-repos.ts'
import { disk } from '../../../src/oracle/rules/disk.ts'
import { inotifyLow } from '../../../src/oracle/rules/inotify-low.ts'
import { loadHigh } from '../../../src/oracle/rules/load-high.ts'
import { oomKills } from '../../../src/oracle/rules/oom-kills.ts'
import { orphansMemory } from '../../../src/oracle/rules/orphans-memory.ts'
import { swapRising } from '../../../src/oracle/rules/swap-rising.ts'
import { agent, healthyMachine, signalsOf, source, system } from '../alert-pictures.ts'
import { diary } from './diary.ts'

const at = (load5: number | null) => signalsOf(healthyMachine({ load5 }))

test('load: pending at once, firing after ten minutes, one alert while it wavers around the line', () => {
  expect(
    diary(loadHigh, [
      ['0m', at(7)],
      ['5m', at(7)],
      ['9m', at(6.5)],
      ['11m', at(7)],
      ['12m', at(5.5)],
      ['20m', at(4)],
      ['22m', at(4)],
    ]),
  ).toEqual([
    'pending warning load',
    'pending warning load',
    'pending warning load',
    'firing warning load',
    'firing warning load',
    'firing warning load',
    'nothing',
  ])
})

test('load: nine minutes are no alert, and twice the line is critical', () => {
  expect(
    diary(loadHigh, [
      ['0m', at(7)],
      ['9m', at(2)],
      ['10m', at(7)],
    ]),
  ).toEqual(['pending warning load', 'resolved warning load', 'pending warning load'])
  expect(
    diary(loadHigh, [
      ['0m', at(13)],
      ['11m', at(13)],
    ])[1],
  ).toBe('firing critical load')
})

test('load: a probe that fails says nothing: what is pending waits, what fires stays', () => {
  const red = signalsOf(healthyMachine({ load5: null, sources: [source('probe', { up: false, fault: 'timeout' })] }))
  expect(
    diary(loadHigh, [
      ['0m', at(7)],
      ['5m', red],
      ['30m', red],
      ['31m', at(7)],
      ['37m', at(7)],
      ['40m', red],
      ['90m', red],
    ]),
  ).toEqual([
    'pending warning load',
    'pending warning load',
    'pending warning load',
    'pending warning load',
    'firing warning load',
    'firing warning load',
    'firing warning load',
  ])
})

const swap = (used: number | null, earlier: number | null) =>
  signalsOf(healthyMachine(), { system: system({ swapUsedBytes: used, swapUsedEarlierBytes: earlier }) })
const GB = 1024 ** 3

test('swap: used and still is no alert, used and rising is', () => {
  expect(
    diary(swapRising, [
      ['0m', swap(2 * GB, 2 * GB)],
      ['5m', swap(3 * GB, 2 * GB)],
      ['7m', swap(4 * GB, 3 * GB)],
      ['9m', swap(4 * GB, 4 * GB)],
      ['15m', swap(4 * GB, 4 * GB)],
    ]),
  ).toEqual(['nothing', 'pending warning swap', 'firing warning swap', 'firing warning swap', 'nothing'])
  expect(diary(swapRising, [['0m', swap(3 * GB, null)]])).toEqual(['nothing'])
})

const kills = (n: number | null) => signalsOf(healthyMachine(), { system: system({ oomKillsHour: n }) })

test('oom: any kill of the last hour, at once', () => {
  expect(
    diary(oomKills, [
      ['0m', kills(0)],
      ['1m', kills(2)],
      ['61m', kills(0)],
      ['63m', kills(null)],
    ]),
  ).toEqual(['nothing', 'firing critical oom', 'firing critical oom', 'nothing'])
})

test('inotify: a low limit matters where agents work; ENOSPC matters everywhere', () => {
  const low = system({ inotifyMaxWatches: 8192 })
  expect(diary(inotifyLow, [['0m', signalsOf(healthyMachine(), { system: low })]])).toEqual(['nothing'])
  expect(diary(inotifyLow, [['0m', signalsOf(healthyMachine(), { system: low, agents: [agent()] })]])).toEqual([
    'firing info watches',
  ])
  expect(diary(inotifyLow, [['0m', signalsOf(healthyMachine(), { system: null, enospcSessions: 1 })]])).toEqual([
    'firing warning enospc',
  ])
})

const fs = (usedPct: number | null, inodesUsedPct: number | null = null) =>
  healthyMachine({ filesystems: [{ mount: '/', usedPct, inodesUsedPct }] })

test('disk: warning below 15 % free, critical below 10 %, inodes too, and it lets go a little above the line', () => {
  expect(
    diary(disk, [
      ['0m', fs(84)],
      ['1m', fs(86)],
      ['2m', fs(91)],
      ['3m', fs(84.5)],
      ['5m', fs(84.5)],
      ['6m', fs(83)],
      ['8m', fs(83)],
    ]),
  ).toEqual([
    'nothing',
    'firing warning /',
    'firing critical /',
    'firing warning /',
    'firing warning /',
    'firing warning /',
    'nothing',
  ])
  expect(diary(disk, [['0m', fs(10, 95)]])).toEqual(['firing critical / inodes'])
  expect(diary(disk, [['0m', fs(null)]])).toEqual(['nothing'])
})

test('clock: five seconds for a minute; which way does not matter, and not knowing changes nothing', () => {
  const skew = (ms: number | null) => signalsOf(healthyMachine(), { system: system({ clockSkewMs: ms }) })
  expect(
    diary(clockSkew, [
      ['0m', skew(-6_000)],
      ['2m', skew(-70_000)],
      ['2.5m', skew(null)],
      ['5m', skew(4_000)],
      ['7m', skew(100)],
      ['9m', skew(null)],
    ]),
  ).toEqual([
    'pending warning clock',
    'firing critical clock',
    'firing critical clock',
    'firing warning clock',
    'firing warning clock',
    'nothing',
  ])
})

test('repositories: more than ten for ten minutes', () => {
  const dirty = (n: number) => signalsOf(healthyMachine(), { dirtyRepos: n })
  expect(
    diary(dirtyRepos, [
      ['0m', dirty(10)],
      ['1m', dirty(11)],
      ['12m', dirty(14)],
      ['13m', dirty(3)],
    ]),
  ).toEqual(['nothing', 'pending info repos', 'firing info repos', 'resolved info repos'])
})

test('orphans: more than a GiB for ten minutes', () => {
  const held = (rssBytes: number) => signalsOf(healthyMachine(), { orphans: { processes: 3, rssBytes } })
  expect(
    diary(orphansMemory, [
      ['0m', held(2 * GB)],
      ['5m', held(2 * GB)],
      ['11m', held(2 * GB)],
    ]),
  ).toEqual(['pending warning orphans', 'pending warning orphans', 'firing warning orphans'])
  expect(diary(orphansMemory, [['0m', held(GB)]])).toEqual(['nothing'])
})

const lateOf = (ageS: number, names: readonly string[]) =>
  healthyMachine({
    ageS,
    sources: ['probe', 'tmux', 'git'].map((name) => source(name, { okAgeS: names.includes(name) ? 28_800 : 3 })),
    redSources: names.map((name) => ({ source: name, why: 'stale, last success 8 h ago', late: true })),
  })
const ALL_LATE = lateOf(28_800, ['probe', 'tmux', 'git'])

test('a cockpit that slept finds everything late at its first look, and blames nobody before it asked', () => {
  expect(
    diary(collectorRed, [
      ['0s', ALL_LATE],
      ['13s', lateOf(3, ['git'])],
      ['40s', lateOf(3, [])],
    ]),
  ).toEqual([
    'pending warning every source',
    'pending warning git; resolved warning every source',
    'resolved warning git',
  ])
})

test('a source that stays late while vc looks is an alert, and a machine nothing is heard of is one', () => {
  const late = ['0m', lateOf(3, ['git'])] as const
  expect(diary(collectorRed, [late, ['3m', lateOf(3, ['git'])]])[1]).toBe('firing warning git')
  expect(diary(collectorRed, [['0m', ALL_LATE], ['3m', ALL_LATE]])[1]).toBe('firing warning every source') // biome-ignore format: a diary
})
