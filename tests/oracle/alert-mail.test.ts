import { describe, expect, test } from 'vitest'
import { mailBody, mailFailure } from '../../src/oracle/alert-mail.ts'
import { alertMessage, testAlert } from '../../src/oracle/alert-message.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const to = { project: '/srv/code/app', sender: 'BlueLake', to: ['GreenCastle'] }
const message = (severity: 'critical' | 'warning', kind: 'firing' | 'resolved' = 'firing') =>
  alertMessage({
    kind,
    atMs: NOW,
    alert: {
      ...testAlert(NOW),
      alertId: 'disk_low:atlas:/ "x"',
      severity,
      title: 'atlas / has 4 % free',
      evidence: { free_pct: 4 },
    },
  })

const sentBy = (severity: 'critical' | 'warning', kind?: 'resolved') =>
  JSON.parse(mailBody(message(severity, kind), to).body).params

describe('what Agent Mail is sent', () => {
  test('is one call of send_message, urgent when it is critical, in a thread of its own', () => {
    expect(sentBy('critical')).toMatchObject({
      name: 'send_message',
      arguments: {
        project_key: '/srv/code/app',
        sender_name: 'BlueLake',
        to: ['GreenCastle'],
        subject: 'vc: CRITICAL: atlas / has 4 % free',
        importance: 'urgent',
        thread_id: 'vc-disk_low-atlas-x-',
      },
    })
    expect(sentBy('critical').arguments.body_md).toContain('- free_pct: 4')
  })

  test('is no longer urgent when it is over', () => {
    expect(sentBy('warning').arguments.importance).toBe('high')
    expect(sentBy('critical', 'resolved').arguments.importance).toBe('normal')
  })
})

describe('an answer', () => {
  test('counts as a delivery only where it says so', () => {
    expect(mailFailure('{"jsonrpc":"2.0","id":"1","result":{"content":[],"isError":false}}')).toBeNull()
    expect(mailFailure('event: message\ndata: {"jsonrpc":"2.0","id":"1","result":{"content":[]}}\n\n')).toBeNull()
    expect(mailFailure('{"jsonrpc":"2.0","id":"1","result":{"isError":true,"content":[]}}')).toMatch(/registered/)
    expect(mailFailure('{"jsonrpc":"2.0","id":"1","error":{"code":-32602,"message":"x"}}')).toMatch(/-32602/)
    expect(mailFailure('null')).toMatch(/no result/)
    expect(mailFailure('<html>')).toMatch(/not that of Agent Mail/)
  })
})
