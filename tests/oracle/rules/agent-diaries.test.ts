import { expect, test } from 'vitest'
import { agentErrorLoop } from '../../../src/oracle/rules/agent-error-loop.ts'
import { agentStalled } from '../../../src/oracle/rules/agent-stalled.ts'
import { agentWaits } from '../../../src/oracle/rules/agent-waits.ts'
import { contextFull } from '../../../src/oracle/rules/context-full.ts'
import { crashLoop } from '../../../src/oracle/rules/crash-loop.ts'
import { agent, healthyMachine, signalsOf } from '../alert-pictures.ts'
import { diary } from './diary.ts'

const ID = 'atlas/claude-7k2m'
const one = (over: Parameters<typeof agent>[0]) => signalsOf(healthyMachine(), { agents: [agent(over)] })

test('an agent that waits is an alert after the minutes of vc.toml, and not after its answer', () => {
  expect(
    diary(agentWaits, [
      ['0m', one({ state: 'needs_approval', stateAgeS: 0 })],
      ['4m', one({ state: 'needs_approval', stateAgeS: 240 })],
      ['5m', one({ state: 'needs_approval', stateAgeS: 300 })],
      ['11m', one({ state: 'working', stateAgeS: 1 })],
    ]),
  ).toEqual(['nothing', `pending warning ${ID}`, `firing warning ${ID}`, `resolved warning ${ID}`])
})

test('an agent that waited when vc went, and was answered while nobody looked, is no alert when vc is back', () => {
  expect(
    diary(agentWaits, [
      ['0m', one({ state: 'needs_approval', stateAgeS: 2_000 })],
      ['10s', one({ state: 'working', stateAgeS: 900 })],
    ]),
  ).toEqual([`pending warning ${ID}`, `resolved warning ${ID}`])
  expect(agentWaits.judge(one({ state: 'needs_approval', stateAgeS: 250 }), () => false)?.[0]?.title).toBe(
    `${ID} waits for an approval, unanswered`,
  )
})

test('nobody knows since when: nothing is claimed', () => {
  expect(diary(agentWaits, [['0m', one({ state: 'asked_question', stateAgeS: null })]])).toEqual(['nothing'])
})

test('stalled for a minute; silence in any other state proves nothing', () => {
  expect(
    diary(agentStalled, [
      ['0m', one({ state: 'stalled' })],
      ['2m', one({ state: 'stalled' })],
      ['3m', one({ state: 'working' })],
      ['5m', one({ state: 'working', stateAgeS: 9_999 })],
    ]),
  ).toEqual([`pending warning ${ID}`, `firing warning ${ID}`, `firing warning ${ID}`, 'nothing'])
})

test('three failures are a loop, two are not', () => {
  expect(
    diary(agentErrorLoop, [
      ['0m', one({ failures: 2 })],
      ['5m', one({ failures: 3 })],
    ]),
  ).toEqual(['nothing', `firing warning ${ID}`])
})

test('three short lives of one CLI in one folder are a crash loop', () => {
  const crashes = (count: number) =>
    signalsOf(healthyMachine(), { crashes: [{ cli: 'codex', place: '/srv/shop', count }] })
  expect(
    diary(crashLoop, [
      ['0m', crashes(2)],
      ['5m', crashes(3)],
    ]),
  ).toEqual(['nothing', 'firing warning codex /srv/shop'])
})

test('a context window: full at 90 %, let go below 85 %, unknown is silent', () => {
  expect(
    diary(contextFull, [
      ['0m', one({ contextPct: 89 })],
      ['1m', one({ contextPct: 91 })],
      ['2m', one({ contextPct: 87 })],
      ['3m', one({ contextPct: 20 })],
      ['4m', one({ contextPct: null })],
    ]),
  ).toEqual(['nothing', `firing info ${ID}`, `firing info ${ID}`, `resolved info ${ID}`, 'nothing'])
})
