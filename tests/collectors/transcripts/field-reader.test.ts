import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FieldReader } from '../../../src/collectors/transcripts/field-reader.ts'
import { timeOf } from '../../../src/collectors/transcripts/json-cut.ts'
import { carryOver } from '../../../src/collectors/transcripts/kernel.ts'
import { repoFinder } from '../../../src/collectors/transcripts/repo-of.ts'

const reader = new FieldReader(
  ['id', 'model', 'usage', 'usage.output', 'usage.deep.count', 'flag', 'message.id'],
  'message.content',
)
const slot = (path: string): number => reader.slot(path)

const count = fc.oneof(fc.nat(), fc.constantFrom(0, -1, 1.5, 1e300, null, 'text', true))
const word = fc.string({ unit: 'binary', maxLength: 12 })
const record = fc.record(
  {
    id: word,
    model: fc.oneof(word, fc.constant(null), fc.nat()),
    usage: fc.record({ output: count, other: fc.jsonValue(), deep: fc.record({ count }) }, { requiredKeys: [] }),
    flag: fc.oneof(fc.boolean(), fc.constant(null)),
    noise: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0) ? value : 0
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

test('what the reader says is what JSON.parse says', () => {
  fc.assert(
    fc.property(record, (value) => {
      const bytes = carryOver(Buffer.from(`${JSON.stringify(value)}\n`))
      const parsed = JSON.parse(bytes.toString('utf8'))
      expect(reader.read(bytes, 0, bytes.length - 1)).toBe(true)
      expect(reader.text(slot('id'))).toBe(textOf(parsed.id))
      expect(reader.text(slot('model'))).toBe(textOf(parsed.model))
      expect(reader.count(slot('usage.output'))).toBe(countOf(parsed.usage?.output))
      expect(reader.count(slot('usage.deep.count'))).toBe(countOf(parsed.usage?.deep?.count))
      expect(reader.isTrue(slot('flag'))).toBe(parsed.flag === true)
      expect(reader.has(slot('usage'))).toBe(parsed.usage !== undefined)
    }),
    { numRuns: 500 },
  )
})

test('a whole number counts however it is spelled, as with JSON.parse', () => {
  const counted = (spelled: string): number => {
    const bytes = carryOver(Buffer.from(`{"usage":{"output":${spelled}}}`))
    expect(reader.read(bytes, 0, bytes.length)).toBe(true)
    return reader.count(slot('usage.output'))
  }
  expect(['12.0', '1e3', '1.5E1', '9007199254740991'].map(counted)).toEqual([12, 1000, 15, 9007199254740991])
  expect(['12.5', '1e400', '-0', '-3', '9007199254740992'].map(counted)).toEqual([0, 0, 0, 0, 0])
})

const digits = (most: number, length: number) => fc.nat(most).map((n) => String(n).padStart(length, '0'))
const written = fc
  .tuple(digits(2105, 4), digits(13, 2), digits(32, 2), digits(24, 2), digits(60, 2), digits(60, 2), digits(999, 3))
  .map(([year, month, day, hour, minute, second, ms]) => `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
const damaged = fc.tuple(written, fc.nat(23), fc.constantFrom('0', '9', ':', '-', ' ', 'z', 'é'))

test('a moment is what it is as a text, on each day there is and on those there are not', () => {
  const isSame = (text: string): void => {
    const bytes = carryOver(Buffer.from(JSON.stringify({ id: text })))
    expect(reader.read(bytes, 0, bytes.length)).toBe(true)
    expect([text, reader.time(slot('id'))]).toEqual([text, timeOf(text)])
  }
  fc.assert(fc.property(written, isSame), { numRuns: 2000 })
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => isSame(date.toISOString())),
    { numRuns: 500 },
  )
  const change = ([text, at, letter]: readonly [string, number, string]) =>
    text.slice(0, at) + letter + text.slice(at + 1)
  fc.assert(fc.property(damaged.map(change), isSame), { numRuns: 500 })
  for (const text of ['2028-02-29', '2026-02-29', '2000-02-29', '2099-12-31', '2100-01-01', '1999-12-31'])
    isSame(`${text}T23:59:59.999Z`)
  expect(reader.time(slot('model'))).toBeNull()
})

test('a record cut anywhere is not vouched for, and bytes of any kind do not make it throw', () => {
  fc.assert(
    fc.property(record, fc.nat(), fc.uint8Array({ maxLength: 40 }), (value, at, noise) => {
      const bytes = Buffer.from(JSON.stringify(value))
      const cut = at % bytes.length
      expect(reader.read(carryOver(bytes), 0, cut)).toBe(false)
      const mixed = carryOver(Buffer.concat([bytes.subarray(0, cut), noise, bytes.subarray(cut)]))
      expect(typeof reader.read(mixed, 0, mixed.length)).toBe('boolean')
    }),
    { numRuns: 300 },
  )
})

test('a working directory belongs to the innermost checkout around it', () => {
  const repoOf = repoFinder([
    { path: '/home/dev/app', repo_id: 'app' },
    { path: '/home/dev/app/vendor/lib', repo_id: 'lib' },
  ])
  expect(repoOf('/home/dev/app/src')).toBe('app')
  expect(repoOf('/home/dev/app/vendor/lib/deep')).toBe('lib')
  expect([repoOf('/home/dev/application'), repoOf(null)]).toEqual([null, null])
})
