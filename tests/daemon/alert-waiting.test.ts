import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openAlertDelivery } from '../../src/daemon/alert-delivery.ts'
import { sendAlert } from '../../src/daemon/alert-send.ts'
import { alertMessage } from '../../src/oracle/alert-message.ts'
import type { Transition } from '../../src/oracle/alert-transition.ts'
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

const MIN = 60_000
const OK: Told = { ok: true, code: 200, detail: null }
const REFUSED: Told = { ok: false, code: 503, detail: 'answered 503' }
const hook = (name: string, more = ''): string =>
  `[[alerts.channels]]\nname = "${name}"\nkind = "webhook"\nurl = "http://127.0.0.1:1/x"\n${more}\n`
const QUIET = '[alerts]\nquiet_hours = "22:00-07:00"\n'

const endOf = (alert: Alert): Transition => turn('resolved', { ...alert, status: 'resolved' })

/** A desk whose channels answer as told; time moves by hand. */
const desk = (first: string, past: readonly Row[] = [], standing: readonly Alert[] = []) => {
  let toml = first
  const sent: string[] = []
  const rows: Row[] = []
  const answers: (Told | Promise<Told> | Error)[] = []
  const delivery = openAlertDelivery(
    {
      config: () => alertsConfigOf(toml),
      tagsOf: () => [],
      send: async (channel, message) => {
        sent.push(`${channel.name} ${message.transition} ${message.severity}`)
        const next = answers.shift() ?? OK
        if (next instanceof Error) throw next
        return next
      },
      jsonl: async () => OK,
      store: async (news) => void rows.push(...news),
      now: () => new Date(),
      log: silentLog,
    },
    past as unknown as AlertDeliveryRow[],
    standing,
  )
  const later = async (ms: number): Promise<void> => {
    vi.setSystemTime(Date.now() + ms)
    await delivery.run()
  }
  const configure = (now: string): void => {
    toml = now
  }
  return { sent, rows, answers, delivery, later, configure }
}

test('a silence holds for what is tried again, and what got worse meanwhile is told when it is over', async () => {
  const { delivery, sent, answers, later } = desk(hook('ops'))
  const alert = alertOf()
  answers.push(REFUSED)
  delivery.told([turn('firing', alert)], [alert])
  await later(0)
  const silenced = { ...alert, silencedUntilMs: Date.now() + 60 * MIN }
  delivery.told([], [silenced])
  await later(30 * MIN)
  const worse: Alert = { ...silenced, severity: 'critical' }
  delivery.told([turn('worse', worse)], [worse])
  await later(20 * MIN)
  expect(sent).toEqual(['ops firing warning'])
  await later(11 * MIN)
  expect(sent.slice(1)).toEqual(['ops worse critical'])
})

test('an end within a silence is told when it is over; one without a beginning never', async () => {
  const { delivery, sent, later } = desk(hook('ops'))
  const [told, untold] = [alertOf(), alertOf({ alertId: 'b', silencedUntilMs: Date.now() + 60 * MIN })]
  delivery.told([turn('firing', told), turn('firing', untold)], [told, untold])
  await later(0)
  delivery.told([endOf({ ...told, silencedUntilMs: Date.now() + 60 * MIN }), endOf(untold)], [])
  await later(30 * MIN)
  expect(sent).toEqual(['ops firing warning'])
  await later(31 * MIN)
  expect(sent.slice(1)).toEqual(['ops resolved warning'])
})

test('what waited for the morning is dropped when it was closed, and is not told milder than it became at night', async () => {
  vi.setSystemTime(new Date(2026, 10, 20, 23, 30))
  const { delivery, sent, later } = desk(`${QUIET}${hook('ops')}`)
  const [closes, worsens] = [alertOf({ alertId: 'a' }), alertOf({ alertId: 'b' })]
  delivery.told([turn('firing', closes), turn('firing', worsens)], [closes, worsens])
  await later(MIN)
  const standing: Alert[] = [
    { ...closes, closedAtMs: Date.now() },
    { ...worsens, severity: 'critical' },
  ]
  delivery.told([turn('worse', standing[1] as Alert)], standing)
  await later(MIN)
  await later(10 * 60 * MIN)
  expect(sent).toEqual(['ops worse critical'])
})

test('an alert that fires and ends again and again in a quiet hour ends before it fires anew', async () => {
  vi.setSystemTime(new Date(2026, 10, 20, 21, 59))
  const { delivery, sent, later } = desk(`${QUIET}${hook('ops')}`)
  const first = alertOf()
  delivery.told([turn('firing', first)], [first])
  await later(0)
  await later(MIN)
  delivery.told([endOf(first)], [])
  await later(MIN)
  const again = alertOf()
  delivery.told([turn('firing', again)], [again])
  await later(10 * 60 * MIN)
  expect(sent).toEqual(['ops firing warning', 'ops resolved warning', 'ops firing warning'])
})

test('an alert that ends while its beginning is on its way is told to have ended', async () => {
  const { delivery, sent, answers, later } = desk(hook('slow'))
  const slow = Promise.withResolvers<Told>()
  answers.push(slow.promise)
  const alert = alertOf()
  delivery.told([turn('firing', alert)], [alert])
  await vi.waitUntil(() => sent.length === 1)
  delivery.told([endOf(alert)], [])
  slow.resolve(OK)
  await later(0)
  expect(sent).toEqual(['slow firing warning', 'slow resolved warning'])
})

test('a channel that hangs or breaks keeps nobody but itself, and what was told is stored at once', async () => {
  const { delivery, sent, rows, answers, later } = desk(`${hook('hangs')}${hook('breaks')}${hook('good')}`)
  const hung = Promise.withResolvers<Told>()
  answers.push(hung.promise, new TypeError('Invalid character in header content'))
  const [one, two] = [alertOf(), alertOf({ alertId: 'b', severity: 'critical' })]
  delivery.told([turn('firing', one)], [one])
  await vi.waitUntil(() => rows.length === 2)
  expect(rows).toMatchObject([
    { channel: 'breaks', outcome: 'failed', attempt: 1 },
    { channel: 'good', outcome: 'sent' },
  ])
  delivery.told([turn('firing', two)], [one, two])
  await vi.waitUntil(() => sent.includes('good firing critical'))
  hung.resolve(OK)
  await later(0)
  expect(sent.filter((line) => line.startsWith('hangs'))).toEqual(['hangs firing warning', 'hangs firing critical'])
  expect(sent.filter((line) => line === 'breaks firing warning')).toHaveLength(1)
})

test('who was told that it is critical is told its end, however mild it was by then', async () => {
  const { delivery, sent, later } = desk(hook('pager', 'min_severity = "critical"'))
  const [alert, never] = [alertOf(), alertOf({ alertId: 'b' })]
  delivery.told([turn('firing', alert), turn('firing', never)], [alert, never])
  await later(0)
  const worse: Alert = { ...alert, severity: 'critical' }
  delivery.told([turn('worse', worse)], [worse, never])
  await later(MIN)
  delivery.told([endOf(alert), endOf(never)], [])
  await later(MIN)
  expect(sent).toEqual(['pager worse critical', 'pager resolved warning'])
})

test('a restart at night: what waits for the morning still does, and its tries are counted on', async () => {
  vi.setSystemTime(new Date(2026, 10, 20, 22, 30))
  const toml = `${QUIET}${hook('ops')}`
  const alert = alertOf()
  vi.setSystemTime(new Date(2026, 10, 21, 2, 0))
  const { sent, later } = desk(toml, [], [alert])
  await later(0)
  expect(sent).toEqual([])
  await later(5 * 60 * MIN)
  expect(sent).toEqual(['ops firing warning'])

  const fresh = alertOf()
  const before = desk(hook('ops'))
  before.answers.push(REFUSED)
  before.delivery.told([turn('firing', fresh)], [fresh])
  await before.later(0)
  const after = desk(hook('ops'), before.rows, [fresh])
  await after.later(MIN)
  expect(after.rows).toMatchObject([{ attempt: 2, outcome: 'sent' }])
})

test('what a run before left standing is escalated only when somebody looked again', async () => {
  const alert = alertOf({ firedAtMs: Date.now() - 600 * MIN })
  const { delivery, sent, later } = desk(
    `[alerts]\nescalate_minutes = 30\n${hook('pager', 'only_escalated = true')}`,
    [],
    [alert],
  )
  delivery.told([], [alert], false)
  await later(0)
  expect(sent).toEqual([])
  delivery.told([], [alert], true)
  await later(0)
  expect(sent).toEqual(['pager escalated warning'])
})

test('a channel that vc.toml no longer names, or names otherwise, is tried as it says now', async () => {
  const { delivery, sent, answers, later, configure } = desk(`${hook('ops')}${hook('old')}`)
  answers.push(REFUSED, REFUSED)
  const alert = alertOf()
  delivery.told([turn('firing', alert)], [alert])
  await later(0)
  configure(hook('ops'))
  await later(MIN)
  expect(sent.slice(2)).toEqual(['ops firing warning'])
})

test('a token that no header can carry is a failed attempt with its reason, and stays unsaid', async () => {
  const [channel] = alertsConfigOf(hook('ops', 'token_env = "T"')).channels
  if (channel === undefined) throw new Error('no channel')
  const told = await sendAlert(channel, alertMessage(turn('firing', alertOf())), {
    env: { T: 'geheim\n' },
    platform: 'linux',
    alertsFile: '/x',
  })
  expect(told).toMatchObject({ ok: false, code: null, detail: expect.stringContaining('line end') })
  expect(JSON.stringify(told)).not.toContain('geheim')
})
