import { beforeEach, expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openFaultLog } from '../../src/daemon/fault-log.ts'
import { keptLog } from '../kept-log.ts'
import { scrapeRun } from '../scrape-run.ts'

let [nowMs, kept] = [0, keptLog()]
let log = openFaultLog(kept.log, () => nowMs)
beforeEach(() => {
  nowMs = 1_000_000
  kept = keptLog()
  log = openFaultLog(kept.log, () => nowMs)
})

const reached = { machineId: 'atlas', transportFailures: 0, retryAtMs: null }
const lost = (retryAtMs: number | null = null) => ({ machineId: 'atlas', transportFailures: 1, retryAtMs })

const SOURCES = ['probe', 'tmux', 'git']
const each = (about: Partial<ScrapeRun>): ScrapeRun[] =>
  SOURCES.map((collector) => scrapeRun({ collector, up: (about.fault ?? null) === null, ...about }))

const said = () =>
  kept.above('debug').map(({ level, msg, machine, collector, fault, failures }) => {
    return [level, msg, collector ?? machine, fault, failures].join(' ')
  })

test('a machine that cannot be reached is one line for all its sources, and says when it is tried again', () => {
  log.saw(lost(nowMs + 4_200), each({ fault: 'unreachable', detail: 'refused' }))
  expect(kept.lines).toEqual([
    {
      level: 'warn',
      msg: 'a machine was not reached',
      machine: 'atlas',
      fault: 'unreachable',
      detail: 'refused',
      sources: 3,
      failures: 1,
      retry_s: 5,
    },
  ])
})

test('the same fault is said at growing distance, another one at once, and each try stands there for debugging', () => {
  for (let i = 0; i < 40; i++) log.saw(lost(), each({ fault: 'unreachable' }))
  log.saw(lost(), each({ fault: 'auth' }))
  const failures = kept.above('debug').map((line) => line.failures)
  expect(failures).toEqual([1, 2, 4, 8, 16, 32, 41])
  expect(kept.lines).toHaveLength(41)
})

test('a trouble of months is said now and then as long as it lasts', () => {
  for (let i = 0; i < 5_000; i++) log.saw(lost(), each({ fault: 'unreachable' }))
  const failures = kept.above('debug').map((line) => line.failures)
  expect(failures.slice(-5)).toEqual([512, 1024, 2048, 3072, 4096])
})

test('a machine that is reached again is one line, with how long it was away', () => {
  log.saw(lost(), each({ fault: 'unreachable' }))
  nowMs += 60_000
  log.saw(lost(), each({ fault: 'auth' }))
  nowMs += 30_400
  log.saw(reached, each({}))
  log.saw(reached, each({}))
  expect(kept.lines.slice(2)).toEqual([
    {
      level: 'info',
      msg: 'a machine is reached again',
      machine: 'atlas',
      fault: 'auth',
      failures: 2,
      away_s: 90,
    },
  ])
})

test('a source that fails the same way each tick is said when that changes, and then ever more rarely', () => {
  const git = (about: Partial<ScrapeRun>) => [scrapeRun({ collector: 'git', ...about })]
  for (let i = 0; i < 9; i++) {
    log.saw(reached, git({ up: false, fault: 'exit_code', detail: `exit 1 after ${i} lines`, bytes: 7, durationMs: 3 }))
    nowMs += 10_000
  }
  log.saw(reached, git({ up: false, fault: 'timeout' }))
  log.saw(reached, git({}))
  log.saw(reached, git({}))
  expect(said()).toEqual([
    'warn scrape failed git exit_code 1',
    'warn scrape failed git exit_code 2',
    'warn scrape failed git exit_code 4',
    'warn scrape failed git exit_code 8',
    'warn scrape failed git timeout 10',
    'info scrape goes well again git timeout 10',
  ])
  expect(kept.lines[0]).toMatchObject({ detail: 'exit 1 after 0 lines', duration_ms: 3, bytes: 7, machine: 'atlas' })
  expect(kept.lines.at(-1)).toMatchObject({ failed_s: 90 })
})

test('sources of a look that fail with the same words share a line, others have their own, and so when they go well again', () => {
  const [probe, tmux, git] = each({ fault: 'timeout', detail: 'no answer', durationMs: 900, bytes: 5 })
  const runs = [probe, tmux, { ...git, fault: 'bad_output', detail: 'not JSON' }] as ScrapeRun[]
  log.saw(reached, runs)
  log.saw(reached, each({}))
  expect(kept.lines).toMatchObject([
    { sources: 2, collectors: ['probe', 'tmux'], fault: 'timeout', detail: 'no answer', duration_ms: 900, bytes: 10 },
    { collector: 'git', fault: 'bad_output', detail: 'not JSON' },
    { level: 'info', sources: 2, collectors: ['probe', 'tmux'], fault: 'timeout' },
    { level: 'info', collector: 'git', fault: 'bad_output' },
  ])
})

test('a way that broke while others were answered is a trouble of those it broke for', () => {
  const [probe, tmux, git] = each({ fault: 'unreachable', detail: 'connection lost' })
  log.saw(reached, [scrapeRun({ collector: 'live' }), probe, tmux, git] as ScrapeRun[])
  expect(said()).toEqual(['warn scrape failed atlas unreachable 1'])
  expect(kept.lines[0]).toMatchObject({ sources: 3 })
})

test('what failed before a machine was lost and after it is the same trouble', () => {
  const git = [scrapeRun({ collector: 'git', up: false, fault: 'bad_output' })]
  log.saw(reached, git)
  log.saw(lost(), each({ fault: 'unreachable' }))
  log.saw(reached, [...git, scrapeRun({})])
  log.saw(reached, git)
  expect(said()).toEqual([
    'warn scrape failed git bad_output 1',
    'warn a machine was not reached atlas unreachable 1',
    'info a machine is reached again atlas unreachable 1',
    'warn scrape failed git bad_output 2',
  ])
})

test('a tool that is not there and a look that was ended are no trouble', () => {
  log.saw(reached, each({ fault: 'tool_missing' }))
  log.saw(reached, each({ fault: 'cancelled' }))
  log.saw(reached, each({}))
  expect(said()).toEqual([])
  expect(kept.lines).toHaveLength(2)
})

test('machines do not share what is said of them', () => {
  log.saw(lost(), each({ fault: 'unreachable' }))
  log.saw({ ...lost(), machineId: 'borg' }, each({ fault: 'unreachable', machineId: 'borg' }))
  log.saw({ ...reached, machineId: 'borg' }, each({ machineId: 'borg' }))
  expect(kept.lines.map(({ machine, level }) => [machine, level])).toEqual([
    ['atlas', 'warn'],
    ['borg', 'warn'],
    ['borg', 'info'],
  ])
})
