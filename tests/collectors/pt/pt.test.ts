import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pt } from '../../../src/collectors/pt/index.ts'
import { parsePt } from '../../../src/collectors/pt/parse.ts'
import { FIXTURES, type GuardMachine, openGuardMachine } from '../guard-machine.ts'

const at = (minutes: number): Date => new Date(Date.parse('2026-11-20T22:00:00Z') + minutes * 60_000)
const recorded = (name: string): string => readFileSync(join(FIXTURES, 'pt', name), 'utf8')
const candidate = (over: object): string =>
  JSON.stringify({
    classification: 'kill',
    command: 'node x',
    confidence: 0.94,
    event: 'candidate_detected',
    pid: 7,
    severity: 'high',
    timestamp: 't',
    ...over,
  })

describe('parse', () => {
  const script = (text: string, rc = 0, procs = ''): string => `${text}\nrc\t${rc}\n${procs}end\n`

  test('a finding is who the process is now, what the tool would do, and how sure it is', () => {
    const proc = `proc\t21833 (no) de) S 1 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2\n`
    const look = parsePt(script(recorded('watch-once.jsonl'), 0, proc))
    expect(look).toMatchObject({ exitCode: 0, lines: 3, unreadable: 0, unknownEvents: [] })
    expect(look.findings).toMatchObject([
      {
        pid: 21833,
        start_ticks: 987654,
        comm: 'no) de',
        action: 'kill',
        severity: 'high',
        confidence: 0.94,
        command_chars: 49,
      },
      { pid: 9120, start_ticks: null, comm: 'python3', action: 'review', severity: 'medium' },
    ])
    expect(JSON.stringify(look.findings)).not.toContain('jest')
  })

  test('a torn last line is unreadable, a missing end is a cut answer', () => {
    expect(parsePt(script(recorded('watch-once-torn.jsonl'))).unreadable).toBe(1)
    expect(parsePt(recorded('watch-once-torn.jsonl')).exitCode).toBe(null)
  })

  test('words that are no JSON are another program, and nothing at all is nothing found', () => {
    expect(parsePt(script('src/main.c\n12:agent watch', 0)).foreign).toBe(true)
    expect(parsePt(script('', 0))).toMatchObject({ foreign: false, lines: 0, findings: [] })
    expect(parsePt(script(recorded('watch-once.jsonl'))).foreign).toBe(false)
  })

  test('whatever a line says, no number is made up', () => {
    const hostile = fc.oneof(
      fc.constantFrom(Number.NaN, -1, 1e300, 2 ** 53, '7', null, true, [], {}),
      fc.string(),
      fc.double(),
    )
    fc.assert(
      fc.property(
        fc.record({ pid: hostile, confidence: hostile, severity: hostile, command: hostile, classification: hostile }),
        (over) => {
          for (const row of parsePt(script(candidate(over))).findings) {
            expect(Number.isSafeInteger(row.pid)).toBe(true)
            expect(row.confidence === null || (Number(row.confidence) >= 0 && Number(row.confidence) <= 1)).toBe(true)
          }
        },
      ),
    )
  })

  test('deep nesting and a line of ten megabytes are one unreadable line each', () => {
    const deep = `{"event":${'['.repeat(200_000)}`
    const look = parsePt(script([deep, `{"event":"${'x'.repeat(10_000_000)}`, candidate({})].join('\n')))
    expect([look.lines, look.unreadable, look.findings.length]).toEqual([3, 2, 1])
  })
})

describe('on a machine', () => {
  let machine: GuardMachine
  let tool: string
  beforeEach(async () => {
    machine = await openGuardMachine()
    tool = join(machine.home, 'pt it')
  })
  afterEach(() => machine.close())

  /** A tool that prints these lines, notes how it was called and ends so. */
  const install = (lines: string, rc = 0, said = ''): void => {
    writeFileSync(join(machine.home, 'lines'), lines)
    writeFileSync(
      tool,
      `#!/bin/sh\necho "$*" >>'${machine.home}/calls'\ncat '${machine.home}/lines'\necho '${said}' >&2\nexit ${rc}\n`,
    )
    chmodSync(tool, 0o755)
  }
  const look = (minutes: number) => machine.look(pt, { at: at(minutes), tools: new Map([['pt', tool]]) })
  const latest = () =>
    machine.rows('SELECT pid, comm, start_ticks IS NOT NULL AS known FROM latest_process_triage_findings ORDER BY pid')

  test('findings come, change and go; only the look without effects is ever run', async () => {
    install(`${candidate({ pid: process.pid })}\n${candidate({ pid: 4_194_303, command: 'TOKEN=abc /opt/run me' })}\n`)
    expect((await look(0)).fault).toBe(null)
    expect(await latest()).toEqual([
      { pid: process.pid, comm: expect.any(String), known: true },
      { pid: 4_194_303, comm: null, known: false },
    ])
    install('', 0)
    await look(2)
    expect(await latest()).toEqual([])
    expect(
      await machine.rows('SELECT gone FROM process_triage_findings WHERE pid = 4194303 ORDER BY collected_at'),
    ).toEqual([{ gone: false }, { gone: true }])
    expect(
      await machine.rows(
        'SELECT findings, high, kill_recommendations FROM process_triage_snapshots ORDER BY collected_at',
      ),
    ).toEqual([
      { findings: 2, high: 2, kill_recommendations: 2 },
      { findings: 0, high: 0, kill_recommendations: 0 },
    ])
    expect(new Set(readFileSync(join(machine.home, 'calls'), 'utf8').trim().split('\n'))).toEqual(
      new Set(['agent watch --once --format jsonl --threshold medium']),
    )
  })

  test('the same findings twice change nothing', async () => {
    install(candidate({ pid: process.pid }))
    await look(0)
    await look(2)
    expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM process_triage_findings')).toEqual([{ n: 1 }])
  })

  test('a wrapper without its program, a lock, a torn line and other words: none of them makes a finding go', async () => {
    install(candidate({ pid: process.pid }))
    await look(0)
    install('', 1, 'pt-core not found')
    expect(await look(2)).toMatchObject({ fault: 'exit_code', detail: 'pt ended with 1: pt-core not found' })
    install('{"command":"agent watch","error":"lock contention"}', 14)
    expect(await look(4)).toMatchObject({ fault: null, detail: expect.stringContaining('held') })
    install(`${candidate({ pid: process.pid })}\n{"event":"candidate_det`)
    expect(await look(6)).toMatchObject({ fault: 'bad_output', partial: true })
    install('{"processes":[]}')
    expect(await look(8)).toMatchObject({ fault: 'bad_output', batches: [] })
    expect(await latest()).toHaveLength(1)
  })

  test('a tool that vanished is missing, one that was never there is not asked', async () => {
    expect(await look(0)).toMatchObject({ fault: 'tool_missing' })
    expect(await machine.look(pt, { at: at(2), tools: new Map() })).toMatchObject({ fault: 'tool_missing', bytes: 0 })
  })
})
