import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConditionError, readCondition, UnknownName, type Value } from '../../src/core/condition.ts'

const ask = (
  text: string,
  row: Readonly<Record<string, Value>> = {},
  before: Readonly<Record<string, Value>> = {},
): Value =>
  readCondition(text).evaluate({
    value: (name) => (Object.hasOwn(row, name) ? row[name] : undefined),
    earlier: (name) => (Object.hasOwn(before, name) ? before[name] : undefined),
  })

describe('a condition', () => {
  test.each<[string, Value]>([
    ['load5 > cores * 1.5', true],
    ['load5 > cores * 2', false],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 2 - 3 == 5', true],
    ['-load5 < 0', true],
    ['7 % 4 == 3', true],
    ["status == 'offline' or load5 >= 7", true],
    ['not (status = "online")', false],
    ["title contains 'DISK'", true],
    ['missing > 3', null],
    ['missing > 3 or load5 > 1', true],
    ['missing > 3 and load5 < 1', false],
    ['missing > 3 and load5 > 1', null],
    ['not (missing > 3)', null],
    ['known(missing)', false],
    ['known(load5)', true],
    ['change(load5) > 4', true],
    ['change(cores) > 4', null],
    ['load5 / 0 > 1', null],
    ['load5 == "7"', null],
    ['true', true],
  ])('%s is %s', (text, expected) => {
    const row = { load5: 7, cores: 4, status: 'online', title: 'a disk is full', missing: null }
    expect(ask(text, row, { load5: 2 })).toBe(expected)
  })

  test.each([
    ['', 0],
    ['load5 >', 7],
    ['load5 > > 3', 8],
    ['(load5 > 3', 10],
    ['load5 3', 6],
    ['load5 > 3; drop', 9],
    ['exec(load5)', 0],
    ['known(3)', 6],
    ["a == 'open", 4],
    ['a => 3', 3],
  ])('%j cannot be read, and says where', (text, at) => {
    expect(() => readCondition(text)).toThrow(ConditionError)
    try {
      readCondition(text)
    } catch (error) {
      expect((error as ConditionError).at).toBe(at)
    }
  })

  test('a column that is not there is named, not taken for zero', () => {
    expect(() => ask('lod5 > 3', { load5: 7 })).toThrow(new UnknownName('lod5'))
    expect(() => ask('constructor == 1', {})).toThrow(UnknownName)
  })

  test('it says which columns it looks at', () => {
    expect(readCondition('a > b * 2 and known(c) or change(a) < 1').names).toEqual(['a', 'b', 'c'])
  })

  test('whatever is written, it is read or refused: no other error, and at once', () => {
    const words = fc.constantFrom(
      'a',
      'and',
      'or',
      'not',
      '(',
      ')',
      '+',
      '-',
      '*',
      '<',
      '==',
      '1.5',
      "'x'",
      'known',
      'change',
      'contains',
      '.',
      '"',
      ' ',
      '\u0000',
      '%',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 600 }),
          fc.array(words, { maxLength: 60 }).map((list) => list.join(' ')),
        ),
        (text) => {
          try {
            const value = ask(text, { a: 3 })
            expect(['number', 'string', 'boolean', 'object']).toContain(typeof value)
          } catch (error) {
            expect(error instanceof ConditionError || error instanceof UnknownName).toBe(true)
          }
        },
      ),
    )
  })

  test('arithmetic is that of the numbers written', () => {
    const number = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(number, number, number, (x, y, z) => {
        expect(ask(`${x} + ${y} * ${z}`)).toBe(x + y * z)
        expect(ask(`(${x} - ${y}) * ${z}`)).toBe((x - y) * z)
        expect(ask(`${x} < ${y}`)).toBe(x < y)
      }),
    )
  })

  test('a thousand brackets are refused, not climbed into', () => {
    expect(() => readCondition(`${'('.repeat(200)}1${')'.repeat(200)}`)).toThrow('nested too deeply')
    expect(() => readCondition('- '.repeat(200))).toThrow(ConditionError)
  })
})
