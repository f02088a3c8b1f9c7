import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { topicSchema } from '../../src/robot/docs.ts'
import { envelopeOf } from '../../src/robot/envelope.ts'
import { NOW, ownConfig, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (topic: string, params: AskRequest['params'] = {}) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan, ownConfig })
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const data = async (topic: string, params: AskRequest['params'] = {}): Promise<any> => (await ask(topic, params)).data

const NO_QUERY = [
  'asked-names',
  'account-facts',
  'account-shapes',
  'ask',
  'capacity-facts',
  'coarse',
  'cost-facts',
  'cost-windows',
  'engine-shapes',
  'define',
  'dna-facts',
  'dna-shapes',
  'doctor-identity',
  'doctor-reach',
  'doctor-shapes',
  'event-shapes',
  'fleet-rows',
  'index',
  'limit-facts',
  'params',
  'needed',
  'not-loaded',
  'nothing-there',
  'past-error',
  'picture',
  'reach',
  'reboots',
  'rows-audit-events',
  'rows-beads',
  'rows-bench',
  'rows-builds',
  'rows-diff',
  'rows-engine',
  'rows-engine-events',
  'rows-events',
  'rows-evidence',
  'rows-guard-events',
  'rows-incidents',
  'rows-kpi',
  'rows-mission',
  'rows-missions',
  'rows-report',
  'rows-repos',
  'rows-oracle-events',
  'rows-orchestrators',
  'rows-usage',
  'same-machine',
  'shapes',
  'stale',
  'source-ages',
  'strain',
  'stuck-facts',
  'triage-facts',
  'unread-facts',
]

test('every query file is registered under its name', () => {
  const files = readdirSync(join(import.meta.dirname, '../../src/queries')).map((name) => name.replace('.ts', ''))
  expect(files.filter((name) => !NO_QUERY.includes(name)).sort()).toEqual(queries.map((query) => query.name).sort())
})

test.each(queries.map((query) => [query.name, query] as const))(
  '%s answers in its own schema, envelope included',
  async (name, query) => {
    const example = name === 'machine' ? { id: 'atlas' } : query.example
    const reply = await ask(name, example)
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(topicSchema(query))
    expect(validate(JSON.parse(JSON.stringify(envelopeOf(reply)))), JSON.stringify(validate.errors)).toBe(true)
  },
)

test('health: worst first, a never-reached machine is unknown with the time vc first knew of it', async () => {
  const health = await data('health')
  expect(health.machines.map((m: { id: string; status: string }) => [m.id, m.status])).toEqual([
    ['coyote', 'unknown'],
    ['borg', 'online'],
    ['atlas', 'online'],
  ])
  expect(health.machines[0]).toMatchObject({ last_seen: '2026-11-19T12:00:00Z', top_issue: 'never reached' })
  expect(health.overall).toMatchObject({ severity: 'critical', active_alerts: 1, machine_count: 3, agent_count: 2 })
  expect((await ask('health')).warnings).toEqual([
    expect.stringMatching(/^never_reached: coyote never answered: connection refused/),
  ])
})

test('status: counts checkouts and names what is not collected', async () => {
  expect((await data('status')).repos).toEqual({ total: 1, dirty: 1, ahead: 1, behind: 0 })
})

test('triage: the fullest disk first, then the agent that waits for a person', async () => {
  const { recommendations } = await data('triage')
  expect(recommendations.map((r: { id: string }) => r.id)).toEqual([
    'disk_low:borg:/data',
    'agent:atlas/claude-7k2m:needs_approval',
  ])
})

test('agents: of several states at once, as who waits for a person is in one of two', async () => {
  const ids = async (state: string) => (await data('agents', { state })).agents.map((a: { agent: string }) => a.agent)
  expect(await ids('needs_approval, asked_question')).toEqual(['atlas/claude-7k2m'])
  expect(await ids('working,needs_approval')).toHaveLength(2)
  await expect(data('agents', { state: 'working,wrking' })).rejects.toMatchObject({ code: 'bad_params' })
})

test('usage: of one project, and of one machine, with how much of that is covered', async () => {
  const whole = await data('usage', { since: '24h', by: 'project' })
  const [{ key }] = whole.groups
  const one = await ask('usage', { since: '24h', by: 'project', key })
  expect((one.data as typeof whole).groups).toHaveLength(1)
  expect((one.data as typeof whole).total).toMatchObject({ total_tokens: whole.groups[0].total_tokens })
  const none = await ask('usage', { since: '24h', by: 'project', key: `${key}x` })
  expect(none.data).toMatchObject({ groups: [], total: { total_tokens: 0 } })
  expect(none.warnings?.join()).toContain(`unknown_key: nothing was counted for the project “${key}x” in this period`)
  const covers = { machines: 1, machines_reporting: 1 }
  expect(await data('usage', { since: '24h', machine: 'borg' })).toMatchObject({ groups: [], coverage: covers })
  expect(await data('usage', { since: '24h', machine: 'atlas' })).toMatchObject({
    total: { total_tokens: 2320 },
    coverage: { ...covers, last_week_share_pct: 100 },
  })
})

test('usage: unpriced tokens are shown beside the cost, never inside it', async () => {
  const usage = await data('usage', { since: '24h', by: 'model' })
  expect(usage.total).toMatchObject({ messages: 2, total_tokens: 2320, cost_microusd: 5000, unpriced_tokens: 1160 })
  expect(usage.coverage).toEqual({ machines: 3, machines_reporting: 2, last_week_share_pct: 100 })
})

test('agents: state, reason and the rule that decided', async () => {
  const { agents, by_state } = await data('agents', { machine: 'atlas' })
  expect(by_state).toEqual({ needs_approval: 1, working: 1 })
  expect(agents[0]).toMatchObject({ agent: 'atlas/claude-7k2m', state: 'needs_approval', reason: 'permission prompt' })
})

test('the past is answered from history, or refused', async () => {
  expect((await data('machines', { at: '1s' })).machines).toHaveLength(3)
  await expect(ask('health', { at: '2020-01-01' })).rejects.toMatchObject({ code: 'no_history' })
})

test('unknown topics, machines and parameters are usage errors that name the nearest', async () => {
  await expect(ask('helth')).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('health') })
  await expect(ask('machine', { id: 'atlsa' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('atlas'),
  })
  await expect(ask('health', { colour: 'red' })).rejects.toMatchObject({ exitCode: 2 })
  await expect(ask('usage', { since: 'yesterdayish' })).rejects.toMatchObject({ code: 'bad_time' })
})

test('events: oldest first, resumable where the last answer ended', async () => {
  const first = await data('events', { since: '7d' })
  expect(first.events.map((e: { type: string }) => e.type)).toContain('alert')
  expect((await data('events', { since: first.next })).events).toEqual([])
})
