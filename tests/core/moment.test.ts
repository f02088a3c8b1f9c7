import { describe, expect, test } from 'vitest'
import { momentWords, parseMoment } from '../../src/core/moment.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const iso = (text: string): string => parseMoment(text, NOW).toISOString()

describe('moments as people say them', () => {
  test.each([
    ['15m', '2026-11-20T11:45:00.000Z'],
    ['2h ago', '2026-11-20T10:00:00.000Z'],
    ['1d 2h ago', '2026-11-19T10:00:00.000Z'],
    ['now', '2026-11-20T12:00:00.000Z'],
    ['03:12Z', '2026-11-20T03:12:00.000Z'],
    // 23:10 has not come yet today: it is the one of yesterday.
    ['23:10Z', '2026-11-19T23:10:00.000Z'],
    ['today 09:30:05 UTC', '2026-11-20T09:30:05.000Z'],
    ['Yesterday 14:00Z', '2026-11-19T14:00:00.000Z'],
    ['2026-11-18T08:00:00Z', '2026-11-18T08:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(iso(text)).toBe(expected))

  test('a bare clock time is the one of the clock here', () => {
    const at = parseMoment('03:12', NOW)
    expect([at.getHours(), at.getMinutes()]).toEqual([3, 12])
    expect(at.getTime()).toBeLessThanOrEqual(NOW.getTime())
  })

  test.each([
    '',
    'soon',
    '25:00',
    '12:61',
    '2026-13-45',
    '2026-02-30',
    '2026-02-30 10:00',
    'tomorrow 10:00',
    '99999999999w',
    '3:1',
  ])('refuses “%s” and shows the forms', (text) =>
    expect(() => parseMoment(text, NOW)).toThrow(expect.objectContaining({ code: 'bad_time', exitCode: 2 })),
  )

  test('says how long ago it was', () =>
    expect(momentWords(parseMoment('5h', NOW), NOW)).toBe('2026-11-20 07:00:00 UTC, 5 h ago'))
})

describe('where the clock jumps', () => {
  const inBerlin = (job: () => void): void => {
    const before = process.env.TZ
    process.env.TZ = 'Europe/Berlin'
    try {
      job()
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  }

  test('an hour that summer time skipped is refused, not moved', () =>
    inBerlin(() => {
      const day = new Date('2026-03-29T10:00:00Z')
      expect(() => parseMoment('today 02:30', day)).toThrow(/clocks went forward/)
      expect(parseMoment('03:30', day).toISOString()).toBe('2026-03-29T01:30:00.000Z')
    }))

  test.each(['2026-03-29T02:30', '2026-03-29 02:30:00'])('also as %s', (text) =>
    inBerlin(() => {
      const day = new Date('2026-04-10T10:00:00Z')
      expect(() => parseMoment(text, day)).toThrow(/clocks went forward/)
      expect(parseMoment('2026-03-29T02:30Z', day).toISOString()).toBe('2026-03-29T02:30:00.000Z')
      expect(parseMoment('2026-03-29T03:30', day).toISOString()).toBe('2026-03-29T01:30:00.000Z')
    }),
  )

  test('of an hour that the clock showed twice the last time is meant that has come', () =>
    inBerlin(() => {
      expect(parseMoment('02:30', new Date('2026-10-25T11:00:00Z')).toISOString()).toBe('2026-10-25T01:30:00.000Z')
      expect(parseMoment('02:30', new Date('2026-10-25T01:00:00Z')).toISOString()).toBe('2026-10-25T00:30:00.000Z')
      expect(parseMoment('yesterday 02:30', new Date('2026-10-26T11:00:00Z')).toISOString()).toBe(
        '2026-10-25T01:30:00.000Z',
      )
      expect(parseMoment('03:30', new Date('2026-10-25T11:00:00Z')).toISOString()).toBe('2026-10-25T02:30:00.000Z')
    }))
})
