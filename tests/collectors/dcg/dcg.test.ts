import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dcg } from '../../../src/collectors/dcg/index.ts'
import { type GuardMachine, openGuardMachine } from '../guard-machine.ts'

const DB = '.config/dcg/history.db'
const TOOLS = new Map([['dcg', '/usr/local/bin/dcg']])
const at = (minutes: number): Date => new Date(Date.parse('2026-11-20T22:00:00Z') + minutes * 60_000)
const insert = (
  id: number,
  command: string,
  over = "'deny', 'core.git', 'reset-hard', 'core.git:reset-hard'",
): string =>
  `INSERT INTO commands (id, timestamp, agent_type, working_dir, command, command_hash, outcome, pack_id, pattern_name, rule_id)
   VALUES (${id}, '2026-11-20T21:59:00.000Z', 'claude_code', '/w', ${command}, 'ab', ${over})`

let machine: GuardMachine
beforeEach(async () => {
  machine = await openGuardMachine()
})
afterEach(() => machine.close())

const look = (minutes: number, over: object = {}) => machine.look(dcg, { at: at(minutes), tools: TOOLS, ...over })
const events = (columns: string) => machine.rows(`SELECT ${columns} FROM dcg_events ORDER BY event_id::BIGINT`)

describe.each([false, true])('over ssh: %s', (remote) => {
  test('what was not allowed is kept with rule, hash and shape, never with its command', async () => {
    machine.build(DB, 'dcg/history-v5.sql')
    const run = await look(0, { remote })
    expect([run.fault, run.detail]).toEqual([null, null])
    expect(
      await events('event_id, decision, rule_id, cwd, command_program, command_chars, command_lines, severity'),
    ).toEqual([
      {
        event_id: '2',
        decision: 'deny',
        rule_id: 'core.git:reset-hard',
        cwd: '/srv/code/api',
        command_program: 'git',
        command_chars: 23,
        command_lines: 1,
        severity: null,
      },
      {
        event_id: '3',
        decision: 'deny',
        rule_id: 'core.filesystem:rm-rf-general',
        cwd: '/srv/code/web app',
        command_program: 'rm',
        command_chars: expect.any(Number),
        command_lines: 2,
        severity: null,
      },
      {
        event_id: '4',
        decision: 'warn',
        rule_id: 'containers.docker:system-prune',
        cwd: '/srv/code/api',
        command_program: 'docker',
        command_chars: 22,
        command_lines: 1,
        severity: null,
      },
      {
        event_id: '5',
        decision: 'bypass',
        rule_id: null,
        cwd: '/srv/code/api',
        command_program: 'psql',
        command_chars: 51,
        command_lines: 1,
        severity: null,
      },
    ])
    const everything = JSON.stringify(await machine.rows('SELECT * FROM dcg_events'))
    for (const word of ['HEAD~3', 'dist', 'prune -f', 'DROP', 'postgres://']) expect(everything).not.toContain(word)
  })

  test('two looks are one look and what came between', async () => {
    machine.build(DB, 'dcg/history-v5.sql')
    await look(0, { remote })
    expect((await look(2, { remote })).batches).toEqual([])
    machine.change(DB, insert(6, "'git reset --hard'"))
    await look(4, { remote })
    await look(6, { remote })
    expect(await events('event_id')).toEqual(['2', '3', '4', '5', '6'].map((event_id) => ({ event_id })))
  })

  test('an older layout without rule ids gets them from pack and pattern', async () => {
    machine.build(DB, 'dcg/history-v2-no-rule_id.sql')
    await look(0, { remote })
    expect(await events('rule_id')).toEqual([
      { rule_id: 'core.git:reset-hard' },
      { rule_id: 'core.filesystem:rm-rf-general' },
      { rule_id: 'containers.docker:system-prune' },
      { rule_id: null },
    ])
  })

  test('a layout that gains a column between two looks is read on', async () => {
    machine.build(DB, 'dcg/history-v2-no-rule_id.sql')
    await look(0, { remote })
    machine.change(
      DB,
      `ALTER TABLE commands ADD COLUMN rule_id TEXT; ALTER TABLE commands ADD COLUMN severity TEXT;
      ${insert(6, "'rm -rf /'", "'deny', 'p', 'q', 'own:rule'")}; UPDATE commands SET severity = 'critical' WHERE id = 6`,
    )
    const run = await look(2, { remote })
    expect(run.fault).toBe(null)
    expect((await events('rule_id, severity')).at(-1)).toEqual({ rule_id: 'own:rule', severity: 'critical' })
  })

  test('a hostile history: blobs, escapes, secrets as first word, ids beyond 2^53, ten megabytes in one cell', async () => {
    machine.build(DB, 'dcg/history-v5.sql')
    machine.change(
      DB,
      `${insert(7, "x'ff00fe'").replace('VALUES (7', 'VALUES (9007199254740993')};
      INSERT INTO commands (id, timestamp, agent_type, working_dir, command, command_hash, outcome, rule_id)
        VALUES (20, '2026-11-20T21:59:01.000Z', 'a', char(27) || '[31m/w' || char(10), 'API_KEY=sk-ant-abcdefghijklmnop1234 run', 'h', 'deny', zeroblob(9)),
               (21, 'not a time', 'a', '/w', 'x', 'h', 'deny', 'r'),
               (22, '2026-11-20T21:59:02.000Z', 'a', '/w', hex(zeroblob(5000000)), 'h', 'deny', hex(zeroblob(5000000)));`,
    )
    const run = await look(0, { remote })
    expect(run.fault).toBe(null)
    expect(run.warnings.map(({ code }) => code)).toEqual(['unreadable_rows'])
    const rows = await machine.rows(
      'SELECT event_id, cwd, command_program, command_chars, length(rule_id) AS rule FROM dcg_events WHERE event_id::BIGINT > 5 ORDER BY event_id::BIGINT',
    )
    expect(rows).toMatchObject([
      { event_id: '20', cwd: '[31m/w', command_program: null },
      { event_id: '22', command_program: null, command_chars: 10_000_000, rule: 256 },
      { event_id: '9007199254740993', command_program: null },
    ])
    expect(JSON.stringify(await machine.rows('SELECT * FROM dcg_events'))).not.toContain('sk-ant')
  })

  test('a file that begins anew is read again, and nothing is doubled', async () => {
    machine.build(DB, 'dcg/history-v5.sql')
    await look(0, { remote })
    machine.change(DB, `DELETE FROM commands; ${insert(1, "'git clean -fd'")}`)
    await look(2, { remote })
    expect(await machine.rows("SELECT count(*)::INTEGER AS n FROM dcg_events WHERE event_id = '1'")).toEqual([{ n: 1 }])
    expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM dcg_events')).toEqual([{ n: 5 }])
  })
})

test('rows too wide for one answer come in smaller pages', async () => {
  machine.build(DB, 'dcg/history-v5.sql')
  machine.change(
    DB,
    `WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
     INSERT INTO commands (id, timestamp, agent_type, working_dir, command, command_hash, outcome, rule_id)
       SELECT i, '2026-11-20T21:59:00.000Z', 'a', replace(hex(zeroblob(2048)), '0', char(1)), 'c', 'h', 'deny', 'r' FROM n`,
  )
  expect((await look(0, { remote: true })).fault).toBe(null)
  expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM dcg_events')).toEqual([{ n: 899 }])
})

test('a history that is switched off is no fault, and no "nothing was refused"', async () => {
  const off = await look(0)
  expect([off.fault, off.detail]).toEqual([null, expect.stringContaining('history disabled')])
  mkdirSync(join(machine.home, '.config/dcg'), { recursive: true })
  writeFileSync(
    join(machine.home, '.config/dcg/config.toml'),
    '[general]\nenabled = false\n[history]\nenabled = true\n',
  )
  expect((await look(2)).detail).toContain('history enabled')
})

test('the history is found where the configuration says', async () => {
  machine.build('elsewhere/h.db', 'dcg/history-v5.sql')
  mkdirSync(join(machine.home, '.config/dcg'), { recursive: true })
  writeFileSync(
    join(machine.home, '.config/dcg/config.toml'),
    '[history]\ndatabase_path = "~/elsewhere/h.db"\n[packs]\n',
  )
  await look(0)
  expect(await events('event_id')).toHaveLength(4)
})

test('another program’s database, a text file, a link and an unreadable folder each have their own fault', async () => {
  machine.change(DB, 'CREATE TABLE commands (id INTEGER PRIMARY KEY, words TEXT)')
  expect(await look(0)).toMatchObject({
    up: false,
    fault: 'bad_output',
    detail: expect.stringContaining('no column commands.'),
  })
  const path = join(machine.home, 'x.db')
  writeFileSync(path, 'this is no database, though it is long enough to be looked at by SQLite as if it were one')
  expect(await look(2, { options: { history_db: path } })).toMatchObject({ fault: 'bad_output' })
  symlinkSync(join(machine.home, DB), join(machine.home, 'link.db'))
  expect(await look(4, { options: { history_db: join(machine.home, 'link.db') } })).toMatchObject({
    fault: 'bad_output',
    detail: expect.stringContaining('not a regular file'),
  })
  if (process.getuid?.() === 0) return
  chmodSync(path, 0)
  expect(await look(6, { options: { history_db: path } })).toMatchObject({
    fault: 'exit_code',
    detail: expect.stringContaining('permission denied'),
  })
})

test('a machine without dcg is asked nothing', async () => {
  expect(await look(0, { tools: new Map() })).toMatchObject({ up: false, fault: 'tool_missing', bytes: 0 })
})
