import { PassThrough, Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { AskRequest, Reader, Reply } from '../../src/core/carrier.ts'
import { usageError, VcError } from '../../src/core/errors.ts'
import { vc } from './fake-cli.ts'

const AT = '2020-11-20T08:00:00.000Z'
const event = (ts: string, subject: string) => ({ ts, type: 'alert', machine: 'atlas', subject, severity: 'info' })

const reply = (topic: string, data: unknown): Reply => ({ topic, version: 1, generatedAt: AT, data })
const FLEET = { overall: {}, machines: [{ id: 'atlas' }, { id: 'borg' }] }

/** Answers each look of `watch` from the script; every question is written down. */
const scripted = (looks: readonly (readonly object[] | Error)[], carriers: readonly Reader['carrier'][] = []) => {
  const asked: AskRequest['params'][] = []
  const fleetAsked: AskRequest['params'][] = []
  const left = [...looks]
  const reader: Reader = {
    carrier: 'socket',
    async ask({ topic, params }) {
      if (topic === 'health') {
        fleetAsked.push(params)
        return reply(topic, FLEET)
      }
      asked.push(params)
      const events = left.shift()
      if (events === undefined) throw new Error('one look more than announced')
      if (events instanceof Error) throw events
      const last = events.at(-1) as { ts: string } | undefined
      return reply(topic, { events, next: last?.ts ?? params.since, more: false })
    },
    close: async () => undefined,
  }
  const by = [...carriers]
  return { asked, fleetAsked, parts: { openReader: async () => ({ ...reader, carrier: by.shift() ?? 'socket' }) } }
}

const watch = async (looks: Parameters<typeof scripted>[0], ...args: string[]) => {
  const { asked, parts } = scripted(looks)
  const said = await vc(['watch', '--interval', '1', '--count', String(looks.length), ...args], {
    ...parts,
    loadConfig: async () => ({ notices: [] }) as never,
  })
  return {
    ...said,
    asked,
    lines: said.out
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text)),
  }
}

test('an event that is committed late, behind one already told, is told all the same, and each only once', async () => {
  const [early, late] = [event('2020-11-20T08:00:01.000Z', 'early'), event('2020-11-20T08:00:05.000Z', 'late')]
  const { lines, asked } = await watch([[late], [early, late]], '--changes-only', '--since', AT)
  expect(lines.map((line) => line.subject)).toEqual(['late', 'early'])
  expect(asked.map((params) => params.since)).toEqual([AT, AT])
})

test('resumed, it asks for nothing at or before the moment it was given', async () => {
  const far = event('2020-11-20T09:00:00.000Z', 'far')
  const { asked } = await watch([[far], []], '--changes-only', '--since', AT)
  expect(asked.map((params) => params.since)).toEqual([AT, '2020-11-20T08:59:00.000Z'])
})

test('--machines narrows the fleet line too, with its counts', async () => {
  const { parts, fleetAsked } = scripted([[]])
  const said = await vc(['watch', '--count', '1', '--machines', 'borg,eris'], {
    ...parts,
    loadConfig: async () => ({ notices: [] }) as never,
  })
  expect(JSON.parse(said.out)).toMatchObject({ type: 'fleet', health: FLEET })
  expect(fleetAsked).toEqual([{ machine: 'borg,eris' }])
})

test('a clock that is set back loses nothing and repeats nothing, and names a cursor that is no future', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-20T12:00:10.000Z') })
  onTestFinished(() => void vi.useRealTimers())
  const before = event('2026-11-20T11:59:50.000Z', 'before we began')
  const seen = event('2026-11-20T12:00:05.000Z', 'seen')
  const anew = event('2026-11-20T11:00:08.000Z', 'after the clock was set')
  setTimeout(() => vi.setSystemTime(new Date('2026-11-20T11:00:10.000Z')), 500)
  const looks = [[seen], [anew, before, seen], [anew, before, seen]]
  const { lines, asked } = await watch(looks, '--since', '2026-11-20T12:00:00.000Z')
  const told = lines.filter(({ type }) => type === 'alert').map((line) => line.subject)
  expect(told).toEqual(['seen', 'after the clock was set'])
  expect(asked.map((params) => params.since)).toEqual([
    '2026-11-20T12:00:00.000Z',
    '2026-11-20T10:59:10.000Z',
    '2026-11-20T10:59:10.000Z',
  ])
  const cursors = lines.filter(({ type }) => type === 'fleet').map((line) => line.cursor)
  expect(cursors).toEqual(['2026-11-20T12:00:05.000Z', '2026-11-20T11:00:10.000Z', '2026-11-20T11:00:10.000Z'])
})

test('who does not read holds the next look up', async () => {
  const { parts, asked } = scripted([[event('2020-11-20T08:00:01.000Z', 'a')], [], []])
  const stdout = new PassThrough({ highWaterMark: 1 })
  const done = vc(['watch', '--interval', '1', '--count', '3', '--changes-only', '--since', AT], {
    ...parts,
    loadConfig: async () => ({ notices: [] }) as never,
    io: { stdin: Readable.from([]), stdout, stderr: new PassThrough(), env: {} },
  })
  await pause(1_500)
  expect(asked).toHaveLength(1)
  stdout.resume()
  await done
  expect(asked).toHaveLength(3)
})

test('a daemon that is away is said once, and its return too', async () => {
  const gone = new VcError('daemon_silent', 'nobody answers', 'wait')
  const { lines, exit } = await watch([gone, gone, []], '--changes-only')
  expect(lines.map(({ type, change }) => [type, change])).toEqual([
    ['carrier', 'lost'],
    ['carrier', 'back'],
  ])
  expect(exit).toBe(0)
})

test('where no daemon runs, that is said: what the file holds does not change by itself', async () => {
  const { parts } = scripted([[], [], []], ['embedded', 'embedded', 'socket'])
  const said = await vc(['watch', '--interval', '1', '--count', '3', '--changes-only'], {
    ...parts,
    loadConfig: async () => ({ notices: [] }) as never,
  })
  expect(
    said.out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text)),
  ).toMatchObject([
    { type: 'carrier', change: 'lost', carrier: 'embedded', text: expect.stringContaining('no daemon is running') },
    { type: 'carrier', change: 'back', carrier: 'socket' },
  ])
})

test('a question that is wrong ends the watch instead of being repeated for ever', async () => {
  const { exit, err } = await watch([usageError('unknown_machine', 'no machine is called “x”', 'machines: atlas')])
  expect(exit).toBe(2)
  expect(err).toContain('no machine is called')
})

test.each([
  ['--count', 'abc', 'no number of looks'],
  ['--count', '0', 'no number of looks'],
  ['--interval', '0', 'no interval'],
  // A timer would take it for no pause at all.
  ['--interval', '2147484', 'no interval'],
  ['--interval', 'Infinity', 'no interval'],
  ['--min-severity', 'high', '--min-severity takes critical, warning, info'],
  ['--since', '2999-01-01', 'lies in the future'],
  ['--since', 'bogus', 'not a time'],
])('%s %s is refused before anybody is asked', async (flag, value, says) => {
  const said = await vc(['watch', flag, value], { loadConfig: async () => ({ notices: [] }) as never })
  expect(said).toMatchObject({ exit: 2, out: '', err: expect.stringContaining(says) })
})
