import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentMail } from '../../../src/collectors/agent-mail/index.ts'
import { type GuardMachine, openGuardMachine } from '../guard-machine.ts'

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
