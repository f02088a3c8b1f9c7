import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineRules } from '../../src/oracle/rules/index.ts'

test('every rule file is registered', () => {
  const files = readdirSync(join(import.meta.dirname, '../../src/oracle/rules')).filter((name) => name !== 'index.ts')
  expect(files.length).toBe(machineRules.length)
})

test('rule ids are unique and every rule says what it is about', () => {
  expect(new Set(machineRules.map((rule) => rule.id)).size).toBe(machineRules.length)
  for (const rule of machineRules) expect(rule.about.length).toBeGreaterThan(20)
})
