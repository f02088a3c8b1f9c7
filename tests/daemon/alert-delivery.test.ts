import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openAlertDelivery } from '../../src/daemon/alert-delivery.ts'
import { sendAlert } from '../../src/daemon/alert-send.ts'
import type { AlertMessage } from '../../src/oracle/alert-message.ts'
import type { Alert } from '../../src/oracle/evaluate.ts'
import type { AlertDeliveryRow } from '../../src/store/index.ts'
import type { Told } from '../../src/transport/notify.ts'
import { alertOf, alertsConfigOf, turn } from './alert-samples.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: new Date(2026, 10, 20, 12, 0) })
})
afterEach(() => {
  vi.useRealTimers()
})

const HOOK = '[[alerts.channels]]\nname = "hook"\nkind = "webhook"\nurl = "http://127.0.0.1:1/x"\n'

/** A desk whose channels answer as told; time moves by hand. */
const desk = (
  toml: string,
  past: readonly AlertDeliveryRow[] = [],
  standing: readonly Alert[] = [],
  ended: readonly Alert[] = [],
) => {
  const sent: string[] = []
  const lines: AlertMessage[] = []
  const rows: Row[] = []
  const answers: Told[] = []
  const refusals: Told[] = []
  const delivery = openAlertDelivery(
    {
      config: () => alertsConfigOf(toml),
      tagsOf: (id) => (id === 'atlas' ? ['gpu'] : []),
      send: async (channel, message) => {
        sent.push(`${channel.name} ${message.transition} ${message.alert_id}`)
        return answers.shift() ?? { ok: true, code: 200, detail: null }
      },
      jsonl: async (message) => {
        const refusal = refusals.shift()
        if (refusal !== undefined) return refusal
        lines.push(message)
        return { ok: true, code: null, detail: null }
      },
      store: async (news) => void rows.push(...news),
      now: () => new Date(),
      log: silentLog,
    },
    past,
    standing,
    ended,
  )
  const pass = async (ms: number): Promise<void> => {
    vi.setSystemTime(Date.now() + ms)
    await delivery.run()
  }
  return { sent, lines, rows, answers, refusals, delivery, pass }
}

const asStored = (rows: readonly Row[]): AlertDeliveryRow[] => rows as unknown as AlertDeliveryRow[]

test('an alert is told once however often it is said, and so is its end', async () => {
  const { delivery, sent, pass, lines } = desk(HOOK)
  const alert = alertOf()
  for (let i = 0; i < 3; i++) delivery.told([turn('firing', alert)], [alert])
  await pass(0)
  delivery.told([turn('resolved', { ...alert, status: 'resolved' })], [])
  await pass(1_000)
  expect(sent).toEqual(['hook firing disk_low:atlas:/', 'hook resolved disk_low:atlas:/'])
  expect(lines).toHaveLength(4)
})

test('what fails is tried again after longer and longer waits, and given up at last; each attempt is a row', async () => {
  const { delivery, sent, rows, answers, pass } = desk(HOOK)
  const refused: Told = { ok: false, code: 503, detail: 'answered 503' }
  answers.push(...Array.from({ length: 20 }, () => refused))
  delivery.told([turn('firing', alertOf())], [alertOf()])
  await pass(0)
  await pass(4_000)
  expect(sent).toHaveLength(1)
  await pass(2_000)
  expect(sent).toHaveLength(2)
  for (let i = 0; i < 20; i++) await pass(900_000)
  expect(rows.map((row) => `${row.attempt} ${row.outcome}`)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7].map((n) => `${n} failed`),
    '8 given_up',
  ])
  expect(rows[0]).toMatchObject({
    channel: 'hook',
    kind: 'webhook',
    status_code: 503,
    detail: 'answered 503',
    transition: 'firing',
  })
})

test('an end is not told where the beginning never arrived', async () => {
  const { delivery, sent, answers, pass } = desk(HOOK)
  answers.push({ ok: false, code: null, detail: 'ECONNREFUSED' })
  const alert = alertOf()
  delivery.told([turn('firing', alert)], [alert])
  await pass(0)
  delivery.told([turn('resolved', { ...alert, status: 'resolved' })], [])
  await pass(60_000)
  expect(sent).toEqual(['hook firing disk_low:atlas:/'])
})

test('routes: severity, rule, machine and tag', async () => {
  const one = (name: string, more: string): string => `${HOOK.replace('"hook"', `"${name}"`)}${more}\n`
  const toml = [
    one('critical', 'min_severity = "critical"'),
    one('load', 'rules = ["load_high"]'),
    one('borg', 'machines = ["borg"]'),
    one('gpu', 'tags = ["gpu"]'),
    one('off', 'enabled = false'),
    one('all', 'resolved = false'),
  ].join('')
  const { delivery, sent, pass } = desk(toml)
  const alert = alertOf()
  delivery.told([turn('firing', alert)], [alert])
  await pass(0)
  delivery.told([turn('resolved', { ...alert, status: 'resolved' })], [])
  await pass(0)
  expect(sent).toEqual(['gpu firing disk_low:atlas:/', 'all firing disk_low:atlas:/', 'gpu resolved disk_low:atlas:/'])
})

test('in quiet hours only critical alerts are told; the rest waits for the morning, and is dropped when it ended by then', async () => {
  vi.setSystemTime(new Date(2026, 10, 20, 23, 30))
  const { delivery, sent, pass } = desk(`[alerts]\nquiet_hours = "22:00-07:00"\n${HOOK}`)
  const [waits, ends, bad] = [
    alertOf(),
    alertOf({ alertId: 'load_high:atlas:load' }),
    alertOf({ alertId: 'oom_kills:atlas:oom', severity: 'critical' }),
  ]
  delivery.told([turn('firing', waits), turn('firing', ends), turn('firing', bad)], [waits, ends, bad])
  await pass(0)
  expect(sent).toEqual(['hook firing oom_kills:atlas:oom'])
  delivery.told([turn('resolved', { ...ends, status: 'resolved' })], [waits, bad])
  await pass(3_600_000)
  expect(sent).toHaveLength(1)
  await pass(7 * 3_600_000)
  expect(sent.slice(1)).toEqual(['hook firing disk_low:atlas:/'])
})

test('what nobody acknowledged in time is told again, once, and to those who wait for that', async () => {
  const pager = `${HOOK.replace('"hook"', '"pager"')}only_escalated = true\n`
  const { delivery, sent, pass } = desk(`[alerts]\nescalate_minutes = 30\n${HOOK}${pager}`)
  const alert = alertOf()
  delivery.told([turn('firing', alert)], [alert])
  await pass(29 * 60_000)
  delivery.told([], [alert])
  await pass(0)
  expect(sent).toEqual(['hook firing disk_low:atlas:/'])
  vi.setSystemTime(Date.now() + 60_000)
  for (let i = 0; i < 3; i++) {
    delivery.told([], [alert])
    await pass(15_000)
  }
  expect(sent.slice(1)).toEqual(['hook escalated disk_low:atlas:/', 'pager escalated disk_low:atlas:/'])
  const acked = alertOf({ alertId: 'a', ackedAtMs: 1, firedAtMs: 0 })
  delivery.told([], [acked])
  await pass(0)
  expect(sent).toHaveLength(3)
})

test('after a restart: what was told is not told again, what was not is', async () => {
  const alert = alertOf()
  const first = desk(HOOK)
  first.delivery.told([turn('firing', alert)], [alert])
  await first.pass(0)
  const again = desk(HOOK, asStored(first.rows), [alert])
  await again.pass(1_000)
  expect(again.sent).toEqual([])
  again.delivery.told([turn('resolved', { ...alert, status: 'resolved' })], [])
  await again.pass(1_000)
  expect(again.sent).toEqual(['hook resolved disk_low:atlas:/'])

  const crashed = desk(HOOK, [], [alert, alertOf({ alertId: 'old', firedAtMs: Date.now() - 7_200_000 })])
  await crashed.pass(0)
  expect(crashed.sent).toEqual(['hook firing disk_low:atlas:/'])
})

test('after a restart an end that did not arrive is told to whoever heard of the beginning, and once', async () => {
  const alert = alertOf()
  const first = desk(HOOK)
  first.delivery.told([turn('firing', alert)], [alert])
  await first.pass(0)
  const over: Alert = { ...alert, status: 'resolved', resolvedAtMs: Date.now() }
  first.answers.push({ ok: false, code: 503, detail: 'refused' })
  first.delivery.told([turn('resolved', over)], [])
  await first.pass(0)

  const again = desk(HOOK, asStored(first.rows), [], [over, alertOf({ ...over, alertId: 'never told' })])
  await again.pass(1_000)
  expect(again.sent).toEqual(['hook resolved disk_low:atlas:/'])
  expect(again.rows).toMatchObject([{ attempt: 2, outcome: 'sent' }])

  const third = desk(HOOK, asStored([...first.rows, ...again.rows]), [], [over])
  await third.pass(1_000)
  expect(third.sent).toEqual([])
  const late = desk(HOOK, asStored(first.rows), [], [{ ...over, resolvedAtMs: Date.now() - 7_200_000 }])
  await late.pass(0)
  expect(late.sent).toEqual([])
})

test('switched off, nothing is sent, and alerts.jsonl is written all the same', async () => {
  const { delivery, sent, lines, pass } = desk(`[alerts]\nenabled = false\n${HOOK}`)
  delivery.told([turn('firing', alertOf())], [])
  await pass(0)
  expect([sent.length, lines.length]).toEqual([0, 1])
})

test('a line of alerts.jsonl that found no room comes before the next one', async () => {
  const { delivery, lines, refusals, pass } = desk(HOOK)
  refusals.push({ ok: false, code: null, detail: 'ENOSPC' })
  delivery.told([turn('firing', alertOf())], [])
  await pass(0)
  expect(lines).toEqual([])
  delivery.told([turn('resolved', alertOf({ status: 'resolved' }))], [])
  await pass(0)
  expect(lines.map(({ transition }) => transition)).toEqual(['firing', 'resolved'])
})

test('a test goes to one channel, whatever it wants to hear', async () => {
  const { delivery, rows, sent } = desk(`${HOOK}min_severity = "critical"\n${HOOK.replace('"hook"', '"other"')}`)
  expect(await delivery.test('hook')).toEqual([{ channel: 'hook', told: { ok: true, code: 200, detail: null } }])
  expect(sent).toEqual(['hook test test:-:test'])
  expect(rows).toMatchObject([{ transition: 'test', outcome: 'sent' }])
})

const hostile = alertOf({
  title: '<!channel> @everyone [x](http://evil) & \u001b[31m"; rm -rf /',
  subject: '../../x?y=z',
})

/** What really arrives at a server on loopback. */
const heardFrom = async (kind: 'webhook' | 'slack' | 'discord' | 'ntfy') => {
  const heard: { url: string; body: string; headers: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      heard.push({ url: request.url ?? '', body, headers: request.headers })
      response.end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`
  const [channel] = alertsConfigOf(
    `[[alerts.channels]]\nname = "x"\nkind = "${kind}"\nurl_env = "U"\ntoken_env = "T"\n`,
  ).channels
  if (channel === undefined) throw new Error('no channel')
  const { alertMessage } = await import('../../src/oracle/alert-message.ts')
  const places = { env: { U: url, T: 'geheim' }, platform: 'linux' as const, alertsFile: '/nonexistent' }
  const told = await sendAlert(channel, alertMessage(turn('firing', hostile)), places)
  server.close()
  return { told, ...heard[0] }
}

test('what each kind of address gets: no word of a machine steers it, calls anybody, or enters an address or a header', async () => {
  for (const kind of ['webhook', 'slack', 'discord', 'ntfy'] as const) {
    const { told, url, body, headers } = await heardFrom(kind)
    expect(told).toMatchObject({ ok: true })
    expect(url).toBe('/in')
    expect(headers).toMatchObject({ authorization: 'Bearer geheim' })
    expect(JSON.stringify(headers)).not.toMatch(/everyone|rm -rf/)
    expect(body).not.toContain('\u001b')
  }
  expect((await heardFrom('slack')).body).toContain('&lt;!channel&gt;')
  expect(JSON.parse((await heardFrom('discord')).body ?? '')).toMatchObject({ allowed_mentions: { parse: [] } })
  expect((await heardFrom('ntfy')).headers).toMatchObject({ priority: '4', title: 'vc' })
  expect(JSON.parse((await heardFrom('webhook')).body ?? '')).toMatchObject({
    schema: 'vc.alert.v1',
    rule: 'disk_low',
    machine: 'atlas',
  })
})

test('a secret that the daemon does not have is said by name', async () => {
  const [channel] = alertsConfigOf('[[alerts.channels]]\nname = "x"\nkind = "slack"\nurl_env = "U"\n').channels
  if (channel === undefined) throw new Error('no channel')
  const { alertMessage } = await import('../../src/oracle/alert-message.ts')
  const told = await sendAlert(channel, alertMessage(turn('firing', alertOf())), {
    env: {},
    platform: 'linux',
    alertsFile: '/x',
  })
  expect(told).toEqual({ ok: false, code: null, detail: 'the daemon has no environment variable U' })
})
