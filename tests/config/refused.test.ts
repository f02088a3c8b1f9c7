import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigError, parseConfig, problemLine } from '../../src/config/index.ts'

// Every file here exists to be refused. Its head says what it must earn: `# earns: <line>: <sentence>`, `# fix: <what to do>`.
const FOLDER = new URL('../fixtures/config/', import.meta.url)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.bad.toml'))

const marked = (text: string, mark: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`# ${mark}: `))
    .map((line) => line.slice(mark.length + 4))

test('there are refused configurations of many kinds', () => expect(files.length).toBeGreaterThan(50))

test.each(files)('%s is refused with the message it must earn', (name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8')
  const { config, problems } = parseConfig(text, name)
  expect(config).toBeNull()
  const errors = problems.filter((problem) => problem.severity === 'error')
  expect(errors.map((problem) => `${problem.line ?? '-'}: ${problem.message}`)).toEqual(marked(text, 'earns'))
  expect(errors.map((problem) => problem.fix)).toEqual(marked(text, 'fix'))
})

test('no sentence about a file can carry control characters to a terminal', () => {
  for (const name of files) {
    const { problems } = parseConfig(readFileSync(new URL(name, FOLDER), 'utf8'), name)
    for (const problem of problems)
      expect(`${problem.message}${problem.fix}${problem.key}`).not.toMatch(/[\u0000-\u001f]/)
  }
})

test('an error carries the first problem in its sentence and all of them as data', () => {
  const name = 'several-at-once.bad.toml'
  const error = new ConfigError(parseConfig(readFileSync(new URL(name, FOLDER), 'utf8'), name).problems)
  expect(error.exitCode).toBe(2)
  expect(error.message).toMatch(/^several-at-once\.bad\.toml:\d+: polling\.max_connections .* \(and 5 more\)$/)
  expect(error.problems.map(problemLine)).toHaveLength(6)
})
