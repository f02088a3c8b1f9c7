import { afterEach, expect, test } from 'vitest'
import { timeOf } from '../../../src/collectors/transcripts/json-cut.ts'

const HERE = process.env.TZ
afterEach(() => {
  if (HERE === undefined) delete process.env.TZ
  else process.env.TZ = HERE
})

test.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia'])(
  'in %s a moment is the same, with a zone or without',
  (zone) => {
    process.env.TZ = zone
    const ms = Date.UTC(2026, 9, 25, 0, 30)
    for (const text of [
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:30:00+02:00',
      '2026-10-24T21:00:00-0330',
      '2026-10-25T00:30:00',
      '2026-10-25T00:30:00.000',
    ])
      expect([text, timeOf(text)]).toEqual([text, ms])
    expect(timeOf('2026-10-24T23:59:60Z')).toBeNull()
  },
)
