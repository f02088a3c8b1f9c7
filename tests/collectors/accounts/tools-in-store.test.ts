// caut and caam as programs on the PATH of a real shell, through the real frame, into a real store.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { caam } from '../../../src/collectors/caam/index.ts'
import { caut } from '../../../src/collectors/caut/index.ts'
import type { Collector } from '../../../src/core/collector.ts'
import type { ScrapeRun } from '../../../src/core/rows.ts'
import { answer, queries } from '../../../src/queries/index.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { hasProgram } from '../../programs.ts'
import { scrapedInto } from '../scraped-into.ts'

const fixtures = resolve('tests/fixtures')
const fixture = (tool: string, name: string): string => join(fixtures, tool, name)

describe.runIf(hasProgram('sqlite3'))('the account tools of a machine', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'vca-')))
  const database = join(dir, 'home/data/caam.db')
  const calls = join(dir, 'calls')
  let store: Store
  let now: Date
  const executor = openLocalExecutor()
  const asker = openAsker({ executor, local: true })
  const saved = process.env.CAAM_HOME

  const program = (name: string, body: string): void => {
    writeFileSync(join(dir, name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${calls}'\n${body}\n`)
    chmodSync(join(dir, name), 0o755)
  }
  const called = (): string[] => {
    const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
    rmSync(calls, { force: true })
    return lines
  }
  const cautSays = (name: string, code = 0): void =>
    program('caut', `case "$*" in *--source\\ oauth*) cat '${fixture('caut', name)}'; exit ${code};; esac; exit 9`)
  const caamSays = (limits: string): void =>
    program(
      'caam',
      `case "$*" in
'robot status --compact') cat '${fixture('caam', 'robot_status.compact.json')}';;
'ls --json') cat '${fixture('caam', 'ls.ok.json')}';;
'limits --format json') cat '${fixture('caam', limits)}';;
*) exit 9;; esac`,
    )
  const sql = (text: string): void => void execFileSync('sqlite3', [database, text])

  const tools = new Map([
    ['caut', join(dir, 'caut')],
    ['caam', join(dir, 'caam')],
  ])
  const tick = (...collectors: readonly Collector[]): Promise<readonly ScrapeRun[]> =>
    scrapedInto(store, { asker, collectors, machine: { os: 'Linux', tools }, now: () => now })
  const later = (minutes: number): void => {
    now = new Date(now.getTime() + minutes * 60_000)
  }
  const rows = (text: string) => store.db.rows(text)

  beforeEach(async () => {
    process.env.CAAM_HOME = join(dir, 'home')
    mkdirSync(join(dir, 'home/data'), { recursive: true })
    now = new Date('2026-11-20T21:50:00Z')
    sql(`CREATE TABLE activity_log(id INTEGER PRIMARY KEY, timestamp TEXT, event_type TEXT, provider TEXT, profile_name TEXT, details TEXT, duration_seconds INTEGER);
      CREATE TABLE limit_events(id INTEGER PRIMARY KEY, provider TEXT, profile_name TEXT, hit_at TEXT, cooldown_until TEXT, notes TEXT);
      INSERT INTO activity_log VALUES (1, '2026-11-20 20:00:00', 'activate', 'claude', 'ops-a@example.test', '{"secret":"no"}', 0);
      INSERT INTO limit_events VALUES (1, 'claude', 'ops-c@example.test', '2026-11-20 19:00:00', '2026-11-20 23:00:00', 'private')`)
    store = await openStore({ dataDir: join(dir, 'data'), groupWindowMs: 1, minFreeBytes: 0, now: () => now })
    cautSays('usage.with_status.json')
    caamSays('limits.ok.json')
  })
  afterEach(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
    mkdirSync(dir)
    if (saved === undefined) delete process.env.CAAM_HOME
    else process.env.CAAM_HOME = saved
  })

  test('fill their tables once, however often they say the same', async () => {
    const counts = `SELECT (SELECT count(*) FROM account_usage_snapshots)::INTEGER AS usage,
      (SELECT count(*) FROM account_limits_snapshots)::INTEGER AS limits, (SELECT count(*) FROM account_status_events)::INTEGER AS events,
      (SELECT count(*) FROM account_profile_snapshots)::INTEGER AS profiles, (SELECT count(*) FROM account_events)::INTEGER AS accounts`
    const first = await tick(caut, caam)
    expect(first.map((run) => [run.collector, run.up, run.fault, run.detail])).toEqual([
      ['caut', true, null, null],
      ['caam', true, null, null],
    ])
    const [before] = await rows(counts)
    expect(before).toMatchObject({ profiles: 2, events: 5 })
    later(11)
    await tick(caut, caam)
    expect((await rows(counts))[0]).toEqual(before)
    expect(await rows(`SELECT account_label FROM accounts ORDER BY 1`)).toMatchObject(
      ['ops-a@example.test', 'ops-b@example.test', 'ops-c@example.test'].map((account_label) => ({ account_label })),
    )
    const [events] = await rows(`SELECT string_agg(coalesce(detail, ''), ' ') AS words FROM account_status_events`)
    expect(String(events?.words)).not.toMatch(/secret|private/)
  })

  test('cost two processes a turn, limits every other turn, and never the words that spend quota', async () => {
    await tick(caut, caam)
    expect(called().sort()).toEqual([
      'caam limits --format json',
      'caam robot status --compact',
      'caut usage --json --timeout 20 --provider claude --source oauth --status',
    ])
    later(5)
    await tick(caam)
    expect(called().sort()).toEqual(['caam ls --json', 'caam robot status --compact'])
    later(5)
    await tick(caam)
    expect(called()).toContain('caam limits --format json')
  })

  test('a provider that refuses is left alone, longer each time, and the last good value stays with its age', async () => {
    await tick(caut)
    cautSays('usage.partial_failure.stdout.json', 1)
    later(5)
    const [refused] = await tick(caut)
    expect(refused).toMatchObject({ up: false, fault: 'exit_code', detail: expect.stringContaining('429') })
    called()
    later(5)
    const [waiting] = await tick(caut)
    expect([waiting?.up, called()]).toEqual([true, []])
    later(6)
    await tick(caut)
    expect(called()).toHaveLength(1)
    later(15)
    await tick(caut)
    expect(called()).toEqual([])
    expect(await rows(`SELECT used_pct, observed_at FROM latest_account_usage WHERE window_name = '5h'`)).toMatchObject(
      [{ used_pct: 63, observed_at: expect.stringContaining('21:47:31') }],
    )
  })

  test('a caam that was never used is not started: any call would make its database', async () => {
    rmSync(database)
    expect(await tick(caam)).toMatchObject([{ up: false, fault: 'not_configured' }])
    expect([called(), existsSync(database)]).toEqual([[], false])
  })

  test.each([
    ['nothing', 'exit 0', 'bad_output'],
    ['a usage error', 'echo "unknown flag" >&2; exit 2', 'exit_code'],
    ['noise of ten million bytes', "head -c 10000000 /dev/zero | tr '\\0' x", 'truncated'],
  ])('%s from caut is a fault and no row', async (_, body, fault) => {
    program('caut', body)
    expect(await tick(caut)).toMatchObject([{ up: false, fault }])
    expect(await rows('SELECT 1 FROM account_usage_snapshots')).toEqual([])
  })

  test('the daemon of caut is asked before the provider', async () => {
    mkdirSync(join(dir, 'share/caut'), { recursive: true })
    writeFileSync(join(dir, 'share/caut/caut-server.json'), '{}')
    const was = process.env.XDG_DATA_HOME
    process.env.XDG_DATA_HOME = join(dir, 'share')
    try {
      program('caut', `case "$*" in 'query usage') cat '${fixture('caut', 'usage.ok.json')}';; *) exit 9;; esac`)
      expect(await tick(caut)).toMatchObject([{ up: true }])
      expect(called()).toEqual(['caut query usage'])
      cautSays('usage.ok.json')
      await tick(caut)
      expect(called()).toHaveLength(2)
    } finally {
      if (was === undefined) delete process.env.XDG_DATA_HOME
      else process.env.XDG_DATA_HOME = was
    }
  })

  test('a rollout that names no account itself belongs to the login that caam had active then', async () => {
    sql(
      `INSERT INTO activity_log VALUES (2, '2026-02-01 06:00:00', 'activate', 'codex', 'ops-b@example.test', NULL, 0)`,
    )
    await tick(caam)
    const seen = (observed_at: string) => ({
      ...{
        provider: 'openai',
        account_key: 'unknown@atlas',
        account_label: null,
        limit_id: 'codex',
        window_name: '5h',
      },
      ...{ used_pct: 42, resets_at: new Date('2026-11-20T23:30:00Z'), observed_at: new Date(observed_at) },
      ...{ observed_source: 'codex.rollout', source_rank: 10, plan: null, credits: null, status: null },
    })
    await store.append({
      ...{
        machineId: 'atlas',
        collector: 'codex',
        sourceVersion: '1',
        schemaVersion: 1,
        startedAt: now,
        durationMs: 1,
      },
      ...{ up: true, fault: null, detail: null, partial: false, bytes: 1, cpuMs: 1, cursors: [], warnings: [] },
      batches: [{ table: 'account_usage_snapshots', rows: [seen('2026-11-20T21:46:00Z')] }],
    })
    const { data } = await answer(
      queries,
      { topic: 'accounts', params: {} },
      { db: store.db, now, plan: { machines: [] } },
    )
    const { windows } = data as {
      windows: { provider: string; label: string; used_pct: number; attributed_by: string }[]
    }
    const [mine] = windows.filter((one) => one.provider === 'openai' && one.used_pct === 42)
    expect(mine).toMatchObject({
      label: 'ops-b@example.test',
      attributed_by: "caam's active profile ops-b@example.test",
    })
    expect(JSON.stringify(windows)).not.toContain('unknown@atlas')
  })

  test('both tools speak of one account, and say where they differ', async () => {
    await tick(caut, caam)
    const plan = { machines: [] }
    const { data } = await answer(queries, { topic: 'accounts', params: {} }, { db: store.db, now, plan })
    const { windows, accounts, recommendations } = data as {
      windows: { label: string; window: string; used_pct: number; source: string; conflicts: string[]; observations: unknown[] }[]
      accounts: { label: string; plan: string; profiles: { active: boolean }[] }[]
      recommendations: { provider: string; use: unknown; why: string; others: unknown[] }[]
    } // biome-ignore format: a shape
    const mine = windows.find((one) => one.label === 'ops-a@example.test' && one.window === '5h')
    expect(mine).toMatchObject({ used_pct: 63, source: 'caut.oauth' })
    expect(mine?.observations).toHaveLength(2)
    expect(mine?.conflicts).toEqual(['caut.oauth and caam.limits differ by 34 points'])
    expect(accounts.filter((one) => one.label === 'ops-a@example.test')).toMatchObject([
      { profiles: [{ active: true }] },
    ])
    expect(recommendations.map((one) => one.provider)).toEqual(['anthropic', 'openai'])
  })
})
