import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cass } from '../../../src/collectors/cass/index.ts'
import { parseCassError, parseHealth, parseStats } from '../../../src/collectors/cass/parse.ts'
import { decodeCursor, duePart, nextWindow, sinceAfter } from '../../../src/collectors/cass/plan.ts'
import { cassSearchAsk, parseCassSearch } from '../../../src/collectors/cass/search.ts'
import { parseTimeline } from '../../../src/collectors/cass/timeline.ts'
import { answered, runInShell } from '../shell-context.ts'
import { fixture, rowsOf, type ToolMachine, toolMachine } from '../tool-machine.ts'

const text = (name: string): string => readFileSync(fixture(`cass/${name}`), 'utf8')

describe('health', () => {
  test.each([
    ['health.healthy.json', { state: 'healthy', total_sessions: null, freshness_s: 1042, stale: false }],
    ['health.stale.exit1.json', { state: 'unhealthy', total_sessions: null, freshness_s: 200_411, stale: true }],
    ['health.rebuilding.exit1.json', { state: 'rebuilding', rebuild_active: true, rebuild_done_pct: 37.1 }],
    ['health.not_initialized.exit1.json', { state: 'not_initialized', total_sessions: 0, last_index_at: null }],
    [
      'health.older_v0_1_60.json',
      { state: 'healthy', total_sessions: 4021, total_messages: 120_455, stale_after_s: 300 },
    ],
  ])('%s', (name, expected) => {
    expect(parseHealth(text(name), null)).toMatchObject(expected)
  })

  test('skipped counts are those counted last, never 0', () => {
    const row = parseHealth(text('health.healthy.json'), { conversations: 7, messages: 90 })
    expect(row).toMatchObject({ total_sessions: 7, total_messages: 90 })
  })

  test('another program is no health', () => {
    for (const other of ['', '<html>', '[]', '{"status":"ok"}', `${'['.repeat(100_000)}`, 'null'])
      expect(parseHealth(other, null)).toBeNull()
  })
})

test('stats: by agent, ten workspaces at most, a sudden 0 is unknown', () => {
  expect(parseStats(text('stats.ok.json'), null)?.row).toMatchObject({
    total_conversations: 21_877,
    total_messages: 1_840_221,
    by_agent_json: '{"claude_code":15120,"codex":5981,"gemini":702,"unknown":74}',
    workspaces_truncated: false,
    mirror_bytes: 8_123_998_121,
    oldest_at: new Date('2025-03-02T11:04:55.120Z'),
  })
  expect(parseStats(text('stats.empty.json'), null)?.row).toMatchObject({ total_conversations: 0 })
  const before = { conversations: 12, messages: 40 }
  const failed = parseStats(text('stats.empty.json'), before)
  expect(failed?.row).toMatchObject({ total_conversations: null, total_messages: null })
  expect(failed?.counted).toEqual(before)
  expect(parseStats(text('stats.by_source.json'), null)).toMatchObject({
    unknown: 1,
    row: { by_source_json: expect.stringContaining('"work-laptop":{"conversations":50,"messages":1001}') },
  })
})

test('timeline: starts per hour in UTC, by origin, without titles and paths', () => {
  const parsed = parseTimeline(text('timeline.hour.json'), 0)
  expect(
    parsed?.rows.map((row) => [
      (row.bucket_start as Date).toISOString().slice(11, 13),
      row.agent,
      row.origin,
      row.conversation_count,
      row.message_count,
    ]),
  ).toEqual([
    ['19', 'gemini', 'local', 1, 4],
    ['20', 'claude_code', 'local', 1, 88],
    ['20', 'codex', 'local', 1, 0],
    ['21', 'codex', 'remote', 1, 12],
  ])
  expect(parsed?.newestStartMs).toBe(1_795_209_900_000)
  expect(JSON.stringify(parsed)).not.toMatch(/fix auth|jsonl/)
  expect(parseTimeline(text('timeline.none.json'), 0)?.rows).toHaveLength(1)
  expect(parseTimeline(text('timeline.empty.json'), 0)?.rows).toEqual([])
  expect(parseTimeline('{"groups":{}}', 0)).toBeNull()
})

test('errors come nested or flat', () => {
  const error = (name: string) => parseCassError({ out: '', err: text(name), code: 3 })
  expect(error('error.missing_db.stderr.exit3.json')).toMatchObject({ kind: 'missing-db', retryable: true })
  expect(error('error.index_busy.stderr.exit7.json')).toMatchObject({ kind: 'index-busy', retryable: true })
  expect(error('error.inverted_range.stderr.exit2.json')).toMatchObject({ kind: 'usage', retryable: false })
  expect(parseCassError({ out: '', err: 'thread panicked', code: 101 })).toBeNull()
})

describe('windows', () => {
  const HOUR = 3_600_000
  test('always move on, whatever fits into an answer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 }),
        fc.integer({ min: 1, max: 192 }),
        (hoursBehind, windowHours) => {
          const nowMs = Date.parse('2026-11-20T12:34:00Z')
          const cursor = { ...decodeCursor({}), sinceMs: nowMs - hoursBehind * HOUR, windowMs: windowHours * HOUR }
          const window = nextWindow(cursor, nowMs)
          expect(window.sinceMs % HOUR).toBe(0)
          const next = sinceAfter(window, null, nowMs)
          if (window.untilMs < nowMs) expect(next).toBeGreaterThan(window.sinceMs)
          else expect(next).toBe(window.sinceMs)
          expect(next).toBeLessThanOrEqual(window.untilMs)
        },
      ),
    )
  })

  test('at most one part besides health, the more overdue one; nothing where nothing is indexed', () => {
    const now = Date.parse('2026-11-20T12:00:00Z')
    const at = (statsMin: number, timelineMin: number, state = 'healthy') =>
      duePart(
        { ...decodeCursor({}), state, statsMs: now - statsMin * 60_000, timelineMs: now - timelineMin * 60_000 },
        now,
      )
    expect([at(29, 14), at(30, 14), at(31, 20), at(10, 15), at(99, 99, 'not_initialized')]).toEqual([
      'none',
      'stats',
      'timeline',
      'timeline',
      'none',
    ])
  })

  test('a cursor nobody wrote begins anew', () => {
    for (const junk of [null, 'x', 7, [], { sinceMs: 'x', windowMs: -4, counted: [] }])
      expect(decodeCursor(junk)).toMatchObject({ statsMs: 0, counted: null, windowMs: expect.any(Number) })
  })
})

describe('through a real shell', () => {
  let machine: ToolMachine
  beforeEach(() => {
    machine = toolMachine()
  })
  afterEach(() => machine.close())

  const recorded = (health: string, exit: number, more: string): void =>
    machine.program(
      'cass',
      `echo "$* fmt=$CASS_OUTPUT_FORMAT" >>"$HOME/asked"\ncase $1 in health) cat '${fixture(`cass/${health}`)}'; echo noise >&2; exit ${exit};; ${more} esac`,
    )

  test('health that ends with 1 is an answer; the timeline comes with it, then the totals', async () => {
    recorded(
      'health.stale.exit1.json',
      1,
      `stats) cat '${fixture('cass/stats.ok.json')}';; timeline) cat '${fixture('cass/timeline.hour.json')}';;`,
    )
    const first = await machine.look(cass)
    expect(first).not.toHaveProperty('fault')
    expect(rowsOf(first, 'cass_index_status')).toMatchObject([{ state: 'unhealthy' }])
    expect(rowsOf(first, 'session_timeline_buckets')).toHaveLength(4)
    const second = await machine.look(cass)
    expect(rowsOf(second, 'cass_stats_snapshots')).toMatchObject([{ total_conversations: 21_877 }])
    const third = await machine.look(cass)
    expect(third.batches.map(({ table }) => table)).toEqual(['cass_index_status'])
    expect(rowsOf(third, 'cass_index_status')).toMatchObject([{ total_sessions: 21_877 }])
    const asked = (await import('node:fs')).readFileSync(`${machine.home}/asked`, 'utf8').split('\n')
    expect(asked.filter((line) => line !== '' && !/^(health|stats|timeline) --json .*fmt=json$/.test(line))).toEqual([])
    expect(asked[1]).toMatch(/^timeline --json --since 2026-11-13T12:00:00.000Z --until \S+Z --group-by none/)
  })

  test('no index, or one being built: health says it all and nothing is broken', async () => {
    recorded(
      'health.rebuilding.exit1.json',
      1,
      `*) cat '${fixture('cass/error.index_busy.stderr.exit7.json')}' >&2; exit 7;;`,
    )
    const busy = await machine.look(cass)
    expect(busy.fault ?? null).toBeNull()
    expect(rowsOf(busy, 'cass_index_status')).toMatchObject([{ state: 'rebuilding' }])
  })

  test('a broken part keeps what health said', async () => {
    recorded('health.healthy.json', 0, '*) echo "{}";;')
    expect(await machine.look(cass)).toMatchObject({ fault: 'bad_output', partial: true, batches: [{ rows: [{}] }] })
  })

  test('absent, foreign and silent programs are faults of their own', async () => {
    expect(await machine.look(cass)).toMatchObject({ fault: 'tool_missing' })
    machine.program('cass', 'echo "usage: cass FILE"; exit 2')
    expect(await machine.look(cass)).toMatchObject({ fault: 'exit_code' })
    machine.program('cass', 'echo "<html>"')
    expect(await machine.look(cass)).toMatchObject({ fault: 'bad_output' })
    machine.program('cass', 'cat')
    expect(await machine.look(cass)).toMatchObject({ fault: 'bad_output' })
  })

  test('a newer version is read and named', async () => {
    recorded('health.healthy.json', 0, `*) cat '${fixture('cass/timeline.empty.json')}';;`)
    const known = async () => [{ tool_name: 'cass', version: '0.7.0' }]
    expect(await machine.look(cass, { known })).toMatchObject({ sourceVersion: '0.7.0' })
    expect(machine.warnings).toContain('untested_version')
  })

  test('a search passes the text as one argument and redacts what it shows', async () => {
    machine.program(
      'cass',
      `[ "$2" = 'a "b" $(id) c' ] || exit 9
printf '{"total_matches":3,"hits":[{"title":"t\\\\u001b[31m","snippet":"token=abcdefgh12345678","source_path":"/x","line_number":4,"agent":"codex","created_at":1764619673394,"origin_kind":"remote","origin_host":"lap"}]}'`,
    )
    const ask = cassSearchAsk('', 'a "b" $(id) c', 5)
    const found = parseCassSearch(
      await runInShell(ask, { HOME: machine.home, PATH: `${machine.home}/bin:/usr/bin:/bin` }),
    )
    expect(found).toMatchObject({ total: 3, trouble: null, hits: [{ title: 't[31m', line: 4, origin: 'lap' }] })
    expect(found.hits[0]?.snippet).not.toContain('abcdefgh12345678')
    expect(parseCassSearch(answered('garbage'))).toMatchObject({ hits: [], trouble: 'garbage' })
  })
})
