import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { afsc } from '../../../src/collectors/afsc/index.ts'
import { parseRun } from '../../../src/collectors/afsc/parse.ts'
import { fixture, rowsOf, type ToolMachine, toolMachine } from '../tool-machine.ts'

const RUNS = [
  'results_20261118_041000-empty-run.jsonl',
  'results_20261119_041000-no-summary.jsonl',
  'results_20261120_041209.jsonl',
]
const text = (name: string): string => readFileSync(fixture(`afsc/${name}`), 'utf8')
const run = (name: string) => parseRun(name, text(name))
const RESULTS = '.local/share/afsc/results'

test('a run: its counts, its length, what failed most', () => {
  const { run: row, events, unknown } = run('results_20261120_041209.jsonl')
  expect(row).toMatchObject({
    run_id: '5f0c2b7e-1d0a-4c47-9a31-2f6d8b1e77aa',
    ts: new Date('2026-11-20T04:12:09.500Z'),
    status: 'failed',
    complete: true,
    passed: 1,
    failed: 2,
    skipped: 1,
    timed_out: 1,
    duration_ms: 428_500,
    error_category: 'checksum_mismatch',
  })
  expect(events.map((event) => [event.event_type, event.severity, event.message])).toEqual([
    ['installer_failed', 'error', 'checksum_mismatch: ERROR checksum mismatch for ntm'],
    ['installer_timedout', 'error', 'network: curl: (28) Operation timed out'],
    ['installer_skipped', 'info', ''],
  ])
  expect(unknown).toBe(1)
})

test('without a summary the file is the id; without installers the run was empty', () => {
  expect(run('results_20261119_041000-no-summary.jsonl').run).toMatchObject({
    run_id: 'results_20261119_041000-no-summary.jsonl',
    complete: false,
    failed: 1,
    duration_ms: null,
  })
  expect(run('results_20261118_041000-empty-run.jsonl').run).toMatchObject({ status: 'empty', total: 0 })
})

test('lines that are no results are counted and lose nothing else', () => {
  const name = 'results_20261120_041209.jsonl'
  const broken = parseRun(name, `{"half\n${text(name)}${'['.repeat(50_000)}\n`)
  expect(broken.unreadable).toBe(2)
  expect(broken.run).toEqual(run(name).run)
  expect(parseRun(name, '')).toMatchObject({ run: null, events: [] })
  expect(parseRun(name, text('validate-multiline-although-jsonl.json')).run).toBeNull()
})

describe('through a real shell', () => {
  let machine: ToolMachine
  beforeEach(() => {
    machine = toolMachine()
    // never started: a run would be seen
    machine.program('automated_flywheel_setup_checker', 'touch "$HOME/started"')
  })
  afterEach(() => machine.close())
  const put = (name: string): void => machine.file(`${RESULTS}/${name}`, text(name))

  test('each run once, oldest first; unfinished, foreign and linked files are left alone', async () => {
    put(RUNS[0] as string)
    put(RUNS[1] as string)
    machine.file(`${RESULTS}/results_20261121_000000.jsonl.tmp`, '{}')
    machine.file(`${RESULTS}/results_1 $(touch started).jsonl`, '{}')
    const first = await machine.look(afsc)
    expect(rowsOf(first, 'afsc_run_facts').map((row) => row.complete)).toEqual([true, false])
    put(RUNS[2] as string)
    const second = await machine.look(afsc)
    expect(rowsOf(second, 'afsc_run_facts')).toMatchObject([{ passed: 1 }])
    const third = await machine.look(afsc)
    expect(third.batches.flatMap(({ rows }) => rows)).toEqual([])
    expect(third.cursors).toEqual([])
    expect(() => readFileSync(join(machine.home, 'started'))).toThrow()
  })

  test('twenty at a time', async () => {
    const name = (day: number) => `results_202610${String(day).padStart(2, '0')}_000000.jsonl`
    for (let day = 1; day <= 31; day++) machine.file(`${RESULTS}/${name(day)}`, text(RUNS[1] as string))
    expect(rowsOf(await machine.look(afsc), 'afsc_run_facts')).toHaveLength(20)
    expect(rowsOf(await machine.look(afsc), 'afsc_run_facts')).toHaveLength(11)
  })

  test('no runs yet is no trouble; a folder that may not be read is', async () => {
    expect(await machine.look(afsc)).toMatchObject({ cursors: [] })
    put(RUNS[0] as string)
    if (process.getuid?.() === 0) return
    chmodSync(join(machine.home, RESULTS), 0o000)
    expect(await machine.look(afsc)).toMatchObject({ fault: 'exit_code' })
    chmodSync(join(machine.home, RESULTS), 0o700)
  })
})
