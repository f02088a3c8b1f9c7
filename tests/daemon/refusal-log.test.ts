import { beforeEach, expect, test } from 'vitest'
import type { AppendOutcome } from '../../src/core/rows.ts'
import { openRefusalLog } from '../../src/daemon/refusal-log.ts'
import { keptLog } from '../kept-log.ts'
import { scrapeRun } from '../scrape-run.ts'

let [nowMs, kept] = [0, keptLog()]
let log = openRefusalLog(kept.log, () => nowMs)
beforeEach(() => {
  nowMs = 0
  kept = keptLog()
  log = openRefusalLog(kept.log, () => nowMs)
})

const STORED: AppendOutcome = { ok: true, inserted: 1, duplicates: 0 }
const refused = (detail: string): AppendOutcome => ({ ok: false, fault: 'persist_failed', detail })
const full = (bytes: number) => refused(`disk_full: ${bytes} bytes free, 900 are kept free`)
const of = (collector: string, machineId = 'atlas') => scrapeRun({ machineId, collector })
const said = () => kept.above('debug').map(({ level, msg, failures }) => [level, msg, failures].join(' '))

test('a full disk is one trouble of the whole fleet, said when it begins, ever more rarely, and when it ends', () => {
  for (let tick = 0; tick < 10; tick++) {
    for (const machine of ['atlas', 'borg'])
      for (const source of ['git', 'tmux']) log.saw(of(source, machine), full(tick))
    nowMs += 10_000
  }
  for (const machine of ['atlas', 'borg']) for (const source of ['git', 'tmux']) log.saw(of(source, machine), STORED)
  expect(said()).toEqual([
    ...[1, 2, 4, 8, 16, 32].map((failures) => `error rows were not stored ${failures}`),
    'info rows are stored again 40',
  ])
  expect(kept.lines[0]).toMatchObject({
    machine: 'atlas',
    collector: 'git',
    detail: expect.stringMatching(/^disk_full: 0/),
  })
  expect(kept.lines).toHaveLength(41)
  expect(kept.lines.at(-1)).toMatchObject({ failed_s: 100 })
})

test('rows of one source that are refused are its own trouble: neighbours that are stored end nothing', () => {
  for (let i = 0; i < 3; i++) {
    log.saw(of('git'), refused('no such column'))
    log.saw(of('tmux'), STORED)
  }
  log.saw(of('git'), STORED)
  log.saw(of('git'), STORED)
  expect(said()).toEqual([
    'error rows were not stored 1',
    'error rows were not stored 2',
    'info rows are stored again 3',
  ])
})

test('another trouble of a source is said at once, and the one before is a new one when it comes back', () => {
  for (const detail of ['a', 'a', 'b', 'a']) log.saw(of('git'), refused(detail))
  expect(said()).toEqual([1, 2, 1, 1].map((failures) => `error rows were not stored ${failures}`))
  log.saw(of('git'), STORED)
  expect(said().slice(4)).toEqual(['info rows are stored again 1'])
})
