import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSample, testRules } from '../../src/commands/rules-test.ts'
import { parseConfig } from '../../src/config/index.ts'

const rulesOf = (toml: string) => {
  const { config, problems } = parseConfig(toml, 'vc.toml')
  if (config === null) throw new Error(JSON.stringify(problems))
  return config.rules
}

const page = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8')
const blockOf = (kind: string, holding: string): string =>
  [...page.matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))]
    .map((match) => match[1] ?? '')
    .find((text) => text.includes(holding)) ?? ''

test('the example of the page fires where the page says', () => {
  const steps = testRules(rulesOf(blockOf('toml', '[[rules]]')), readSample(blockOf('json', '"steps"'), 'page'))
  expect(steps.map((step) => step.asExpected)).toEqual([true, true])
  expect(steps[0]?.pending).toEqual(['user:load-hot:atlas:atlas'])
  expect(steps[1]?.titles).toEqual(['load of atlas is 9'])
})

test('the channels of the page are accepted', () => {
  expect(parseConfig(blockOf('toml', '[[alerts.channels]]'), 'vc.toml').problems).toEqual([])
})

const RULE = '[[rules]]\nid = "r"\nquery = "agents"\nsubject = "id"\n'
const step = (at: string, rows: readonly object[], expected?: readonly string[]) => ({
  at,
  answers: { agents: { agents: rows } },
  ...(expected ? { expect: [...expected] } : {}),
})

test('a change within ten minutes, and what was not expected is named', () => {
  const rules = rulesOf(`${RULE}when = "change(tokens) > 100"\n`)
  const steps = testRules(rules, {
    steps: [
      step('0m', [{ id: 'a', tokens: 10 }]),
      step('5m', [{ id: 'a', tokens: 200 }]),
      step('12m', [{ id: 'a', tokens: 200 }], []),
    ],
  })
  expect(steps.map((one) => one.firing)).toEqual([[], [], ['user:r:-:a']])
  expect(steps[2]).toMatchObject({ asExpected: false, unexpected: ['user:r:-:a'], missing: [] })
})

test('absence, and a pattern', () => {
  const rules = rulesOf(`${RULE}when = "name contains 'main'"\nabsent = true\n`)
  const steps = testRules(rules, {
    steps: [step('0m', [{ id: 'a', name: 'the main one' }]), step('1m', [{ id: 'b', name: 'other' }])],
  })
  expect(steps.map((one) => one.firing)).toEqual([[], ['user:r:-:absent']])
})

test('an answer that is not given is unknown: what fires stays', () => {
  const rules = rulesOf(`${RULE}when = "tokens > 1"\n`)
  const steps = testRules(rules, { steps: [step('0m', [{ id: 'a', tokens: 5 }]), { at: '10m', answers: {} }] })
  expect(steps.map((one) => one.firing)).toEqual([['user:r:-:a'], ['user:r:-:a']])
})

test.each([
  ['{', 'samples.json: no JSON: '],
  ['{"steps":[]}', 'steps'],
  ['{"steps":[{"at":"soon","answers":{}}]}', 'steps.0.at'],
  ['[]', 'the file'],
])('samples that cannot be read are refused with their place: %s', (text, place) => {
  expect(() => readSample(text, 'samples.json')).toThrow(place)
})

test('an answer no rule asks for is a slip and said; a step later than a week is refused, not played for hours', () => {
  const rules = rulesOf(`${RULE}when = "tokens > 1"\n`)
  const [one] = testRules(rules, { steps: [{ at: '0m', answers: { agentz: [] } }] })
  expect(one?.troubles).toEqual(["no rule asks for 'agentz' (rules ask for: agents)"])
  const sample = JSON.stringify({ steps: [step('0m', []), step('999999h', [])] })
  expect(() => readSample(sample, 'x.json')).toThrow("x.json: steps.1.at: '999999h' is later than seven days")
})
