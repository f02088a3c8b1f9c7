import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentMail } from '../../../src/collectors/agent-mail/index.ts'
import { sha256 } from '../../../src/core/ids.ts'
import { FIXTURES, type GuardMachine, openGuardMachine } from '../guard-machine.ts'

const PYTHON = 'mcp_agent_mail/storage.sqlite3'
const RUST = '.mcp_agent_mail_git_mailbox_repo/storage.sqlite3'
const at = (minutes: number): Date => new Date(Date.parse('2026-11-20T21:00:00Z') + minutes * 60_000)

let machine: GuardMachine
beforeEach(async () => {
  machine = await openGuardMachine()
})
afterEach(() => machine.close())

describe.each([false, true])('over ssh: %s', (remote) => {
  test('a mailbox of the Python server is read once, then only what changed', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    machine.change(PYTHON, "UPDATE file_reservations SET expires_ts = '2090-01-01 00:00:00.000000' WHERE id = 1")
    const first = await machine.look(agentMail, { remote, at: at(0) })
    expect([first.fault, first.detail, first.sourceVersion]).toEqual([null, null, 'python'])
    expect(
      await machine.rows(
        'SELECT message_id, project_id, sender, importance, ack_required, subject, body_bytes FROM mail_messages ORDER BY created_at',
      ),
    ).toMatchObject([
      {
        message_id: '1',
        project_id: 'data-projects-acme',
        sender: 'GreenCastle',
        importance: 'normal',
        ack_required: false,
        body_bytes: 3,
      },
      { message_id: '2', sender: 'BlueLake', importance: 'urgent', ack_required: true },
      { message_id: '3', sender: 'GreenCastle', importance: 'high' },
      { message_id: '4', subject: 'FYI "quoted" | pipe', importance: 'low' },
    ])
    expect(
      await machine.rows(
        'SELECT message_id, recipient, kind, read_at, retired_at IS NULL AS there FROM mail_recipients ORDER BY 1, 2',
      ),
    ).toMatchObject([
      { message_id: '1', recipient: 'BlueLake', read_at: '2026-11-20T18:10:00.000Z' },
      { message_id: '1', recipient: 'RedStone', kind: 'cc', read_at: null, there: false },
      { message_id: '2', recipient: 'GreenCastle' },
      { message_id: '3', recipient: 'BlueLake', read_at: null },
      { message_id: '4', recipient: 'GreenCastle', kind: 'bcc' },
    ])
    expect(await machine.rows('SELECT path_pattern, holder, exclusive FROM latest_mail_file_reservations')).toEqual([
      { path_pattern: 'src/auth/**', holder: 'GreenCastle', exclusive: true },
    ])
    await machine.look(agentMail, { remote, at: at(2) })
    const idle = await machine.look(agentMail, { remote, at: at(4) })
    expect([idle.batches, idle.fault]).toEqual([[], null])

    machine.change(
      PYTHON,
      `UPDATE message_recipients SET read_ts = '2026-11-20 21:05:00.000000', ack_ts = '2026-11-20 21:05:00.000000' WHERE message_id = 3;
       UPDATE file_reservations SET released_ts = '2026-11-20 21:05:00.000000' WHERE id = 1`,
    )
    await machine.look(agentMail, { remote, at: at(6) })
    expect(await machine.rows("SELECT ack_at FROM mail_recipients WHERE message_id = '3'")).toEqual([
      { ack_at: '2026-11-20T21:05:00.000Z' },
    ])
    expect(
      await machine.rows("SELECT ack_at FROM mail_recipient_events WHERE message_id = '3' ORDER BY event_at"),
    ).toEqual([{ ack_at: null }, { ack_at: '2026-11-20T21:05:00.000Z' }])
    expect(await machine.rows('SELECT * FROM latest_mail_file_reservations')).toEqual([])
    expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM mail_messages')).toEqual([{ n: 4 }])
  })

  test('a reservation that the Rust server released in its own table is not open', async () => {
    machine.build(RUST, 'agent-mail/fixture.rust_0_3_29.sql')
    const run = await machine.look(agentMail, { remote, at: at(0) })
    expect(run.sourceVersion).toBe('rust')
    expect(await machine.rows('SELECT reservation_id, expires_at FROM latest_mail_file_reservations')).toEqual([
      { reservation_id: '1', expires_at: '2033-05-18T03:33:19.000Z' },
    ])
    expect(await machine.rows("SELECT created_at FROM mail_messages WHERE message_id = '2'")).toEqual([
      { created_at: '2026-11-20T17:05:00.500Z' },
    ])
  })
})

describe('a mailbox that is not as it should be', () => {
  const look = (minutes: number, over: object = {}) =>
    machine.look(agentMail, { at: at(minutes), remote: true, ...over })
  const ids = () => machine.rows('SELECT message_id FROM mail_messages ORDER BY created_at')

  test('no mailbox is nothing, not a fault; an empty one neither', async () => {
    expect(await look(0)).toMatchObject({ fault: null, detail: 'no Agent Mail database here', batches: [] })
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    machine.change(PYTHON, 'DELETE FROM message_recipients; DELETE FROM messages; DELETE FROM file_reservations')
    expect((await look(2)).fault).toBe(null)
    expect(await ids()).toEqual([])
  })

  test('ids that are used again after the newest were deleted name other messages', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    await look(0)
    machine.change(
      PYTHON,
      `DELETE FROM message_recipients WHERE message_id >= 3; DELETE FROM messages WHERE id >= 3;
       INSERT INTO messages VALUES (3,1,1,NULL,NULL,'Again','b','normal',0,'2026-11-20 20:30:00.000000','[]')`,
    )
    await look(2)
    await look(4)
    expect(await ids()).toEqual(['1', '2', '3', '4', '3'].map((message_id) => ({ message_id })))
  })

  test('a file that the Rust server took over between two looks is read with its rules', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    machine.change(PYTHON, "UPDATE file_reservations SET expires_ts = '2090-01-01 00:00:00.000000' WHERE id = 1")
    await look(0)
    machine.change(
      PYTHON,
      `CREATE TABLE file_reservation_releases (reservation_id INTEGER PRIMARY KEY, released_ts INTEGER NOT NULL);
       INSERT INTO file_reservation_releases VALUES (1, 1795195000000000);
       INSERT INTO messages (id, project_id, sender_id, subject, body_md, importance, ack_required, created_ts) VALUES (5, 1, 1, 'New words', 'b', 'high', 1, 1795209000000000);
       UPDATE message_recipients SET read_ts = 1795209500000000 WHERE message_id = 4`,
    )
    expect(await look(2)).toMatchObject({ fault: null, sourceVersion: 'rust' })
    expect(await machine.rows('SELECT * FROM latest_mail_file_reservations')).toEqual([])
    expect(await ids()).toHaveLength(5)
    expect(await machine.rows("SELECT read_at FROM mail_recipients WHERE message_id = '4'")).toEqual([
      { read_at: '2026-11-20T21:18:20.000Z' },
    ])
  })

  test('of two mailboxes the one written to last is read, and the other is named', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    utimesSync(join(machine.home, PYTHON), 1_700_000_000, 1_700_000_000)
    machine.build(RUST, 'agent-mail/fixture.rust_0_3_29.sql')
    const run = await look(0)
    expect([run.sourceVersion, run.warnings.map(({ code }) => code)]).toEqual(['rust', ['several_mail_databases']])
    const named = await look(2, { options: { databases: [join(machine.home, PYTHON)] } })
    expect(named.sourceVersion).toBe('python')
  })

  test('hostile words: escapes, blobs, secrets, ids beyond 2^53, a body of ten megabytes', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    machine.change(
      PYTHON,
      `INSERT INTO messages VALUES
         (10,1,1,x'ff00',NULL,char(27) || ']0;x' || char(7) || 'token=ghp_abcdefghijklmnopqrstuvwxyz012345 ' || char(8238),'secret body','normal',0,'2026-11-20 20:40:00','[]'),
         (11,1,99,NULL,NULL,zeroblob(20),hex(zeroblob(5000000)),'normal',7,'2026-11-20 20:41:00','[]'),
         (12,1,1,NULL,NULL,'no time','b','normal',0,'yesterday','[]'),
         (9007199254740993,77,1,NULL,NULL,'big','b','normal',0,'2026-11-20 20:42:00','[]')`,
    )
    const run = await look(0)
    expect([run.fault, run.warnings.map(({ code }) => code)]).toEqual([null, ['unreadable_rows']])
    const rows = await machine.rows(
      'SELECT message_id, project_id, sender, subject, body_bytes, body_sha256, ack_required FROM mail_messages WHERE message_id::BIGINT > 4 ORDER BY message_id::BIGINT',
    )
    expect(rows).toMatchObject([
      {
        message_id: '10',
        subject: expect.stringMatching(/^\]0;xtoken=\[redacted \d+ #[0-9a-f]+\]/),
        body_bytes: 11,
        body_sha256: sha256('secret body'),
      },
      { message_id: '11', sender: null, body_bytes: 10_000_000, body_sha256: null, ack_required: null },
      { message_id: '9007199254740993', project_id: 'unknown' },
    ])
    expect(JSON.stringify(await machine.rows('SELECT * FROM mail_messages'))).not.toMatch(/secret body|ghp_/)
  })

  test('a long history comes in pages, all in their order, and each message once', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    machine.change(
      PYTHON,
      `WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 1800)
       INSERT INTO messages SELECT i,1,1,NULL,NULL,'m' || i, substr(hex(zeroblob(8000)), 1, 15000),'normal',0,strftime('%Y-%m-%d %H:%M:%f','2026-11-20 00:00:00', '+' || i || ' seconds'),'[]' FROM n;
       INSERT INTO message_recipients SELECT id, 2, 'to', NULL, NULL FROM messages WHERE id > 4`,
    )
    // A megabyte of bodies fills a page before 500 messages do, and ten pages are one look.
    for (let minutes = 0; minutes < 20; minutes += 2) await look(minutes)
    expect(
      await machine.rows('SELECT count(*)::INTEGER AS n, count(DISTINCT message_id)::INTEGER AS d FROM mail_messages'),
    ).toEqual([{ n: 1800, d: 1800 }])
    expect(await machine.rows('SELECT count(*)::INTEGER AS n FROM mail_recipients')).toEqual([{ n: 1801 }])
  })

  test('a mailbox in its write-ahead log only is read from there', async () => {
    const writer = new DatabaseSync(join(machine.home, 'live.sqlite3'))
    writer.exec(readFileSync(join(FIXTURES, 'agent-mail/fixture.python_0_3_2.sql'), 'utf8'))
    writer.exec('PRAGMA wal_autocheckpoint = 0')
    const options = { databases: [join(machine.home, 'live.sqlite3')] }
    await look(0, { options })
    writer.exec(
      "INSERT INTO messages VALUES (5,1,1,NULL,NULL,'in the log','b','normal',0,'2026-11-20 20:50:00.000000','[]')",
    )
    await look(2, { options })
    writer.close()
    expect(await ids()).toHaveLength(5)
  })

  test('no sqlite3 and no python3 there is said so', async () => {
    machine.build(PYTHON, 'agent-mail/fixture.python_0_3_2.sql')
    const run = await look(0, { withoutPrograms: true })
    expect(run).toMatchObject({
      fault: 'tool_missing',
      detail: expect.stringMatching(/neither sqlite3 .* nor python3/),
    })
  })
})
