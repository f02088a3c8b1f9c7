import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { builtInRules } from '../../src/oracle/rules/index.ts'

test('every rule file is registered', () => {
  const files = readdirSync(join(import.meta.dirname, '../../src/oracle/rules')).filter((name) => name !== 'index.ts')
  expect(files.length).toBe(builtInRules.length)
})

test('rule ids are unique and every rule says what it is about', () => {
  const rules = builtInRules
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
  for (const rule of rules) expect(rule.about.length).toBeGreaterThan(20)
})
