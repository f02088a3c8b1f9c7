import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { queries } from '../../src/queries/index.ts'
import { goldenSchemas } from '../../src/robot/docs.ts'

const dir = join(import.meta.dirname, '../../docs/robot')
const wanted = goldenSchemas(queries)

test('every topic is published and nothing else is', () => {
  expect(
    readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .sort(),
  ).toEqual(Object.keys(wanted).sort())
})

test.each(Object.entries(wanted))(
  'docs/robot/%s is what the program answers (refresh: npm run golden)',
  (name, text) => {
    expect(readFileSync(join(dir, name), 'utf8')).toBe(text)
  },
)
