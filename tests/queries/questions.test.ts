// Questions that must not be answered: an answer to them would look like knowledge.
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (topic: string, params: AskRequest['params'] = {}) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan })

test.each(['health', 'status', 'agents', 'sessions', 'ptys', 'repos', 'scrapes', 'doctor', 'events'])(
  '%s of a machine that does not exist is refused with the nearest name, not answered with nothing',
  async (topic) => {
    await expect(ask(topic, { machine: 'atlsa' })).rejects.toMatchObject({
      exitCode: 2,
      message: 'no machine is called “atlsa”; did you mean atlas?',
    })
    await ask(topic, { machine: 'atlas' })
  },
)

test('a machine that left vc.toml is offered in place of a wrong name for the past alone', async () => {
  const asked = (params: AskRequest['params']) =>
    answer(queries, { topic: 'health', params }, { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg']) })
  await expect(asked({ machine: 'coyot' })).rejects.toMatchObject({
    message: 'no machine is called “coyot”',
    fix: 'machines: atlas, borg',
  })
  await expect(asked({ machine: 'coyot', at: '1m' })).rejects.toMatchObject({
    message: 'no machine is called “coyot”; did you mean coyote?',
  })
})

test('one wrong name in a list is enough', async () => {
  await expect(ask('events', { machine: 'atlas, brog' })).rejects.toMatchObject({ code: 'unknown_machine' })
  await ask('events', { machine: 'atlas, borg' })
})

test('a parameter with a slip is answered with the one that was meant', async () => {
  await expect(ask('health', { machin: 'atlas' })).rejects.toMatchObject({
    message: 'health: there is no parameter “machin”; did you mean machine?',
  })
  await expect(ask('usage', { by: 'dya' })).rejects.toMatchObject({
    message: expect.stringContaining('by is one of hour, day'),
  })
})

test('what is missing is told with an example of this fleet, and with the names that there are', async () => {
  await expect(ask('machine')).rejects.toMatchObject({
    exitCode: 2,
    message: 'machine: id is needed',
    fix: 'for example: vc robot machine atlas; machines: atlas, borg, coyote',
  })
  await expect(ask('explain')).rejects.toMatchObject({
    message: 'explain: id is needed',
    fix: expect.stringMatching(/^for example: vc robot explain (\S+); agents: \1/),
  })
  await expect(ask('search', { kind: 'agent' })).rejects.toMatchObject({
    message: 'search: id is needed',
    fix: 'for example: vc robot search limits',
  })
})

test('where vc.toml names no machine, one that was ever seen is the example', async () => {
  const asked = answer(queries, { topic: 'machine', params: {} }, { db: seeded.store.db, now: NOW, plan: planOf([]) })
  await expect(asked).rejects.toMatchObject({ fix: expect.stringMatching(/^for example: vc robot machine atlas; /) })
})

test.each([
  ['sessions', { limit: 'many' }, 'sessions: limit is a whole number, not “many”'],
  ['sessions', { limit: '1.5' }, 'sessions: limit is a whole number, not “1.5”'],
  ['sessions', { limit: '0' }, 'sessions: limit is at least 1'],
  ['sessions', { limit: '99999' }, 'sessions: limit is at most 5000'],
  ['health', { id: 'borg' }, 'health: nothing is asked for by a name alone, as “borg”; a machine: --machine <id>'],
  ['kpi', { id: 'borg' }, 'kpi: nothing is asked for by a name alone, as “borg”'],
  ['agents', { all: 'perhaps' }, 'agents: all is true or false, not “perhaps”'],
  [
    'agents',
    { state: 'wrking' },
    'agents: state is one of working, needs_approval, asked_question, turn_finished, idle, rate_limited, failed, stalled, dead, unknown, not “wrking”; did you mean working?',
  ],
  [
    'sessions',
    { cli: 'cladue' },
    'sessions: cli is one of claude, codex, gemini, opencode, other, not “cladue”; did you mean claude?',
  ],
  ['scrapes', { source: 'proeb' }, 'no source “proeb” is looked at on any machine'],
  ['collectors', { collector: 'proeb' }, 'no source “proeb” is looked at on any machine'],
  ['events', { type: 'constructor' }, 'there is no event type “constructor”'],
])('%s of %o is refused by what is wrong with it', async (topic, params, message) => {
  await expect(ask(topic, params)).rejects.toMatchObject({ exitCode: 2, message })
})

test('a list where one machine is asked about is refused, not answered as a machine where nothing happens', async () => {
  for (const topic of ['status', 'agents', 'sessions'])
    await expect(ask(topic, { machine: 'atlas,borg' })).rejects.toMatchObject({
      code: 'one_machine',
      message: `${topic} is asked about one machine at a time, not “atlas,borg”`,
    })
  await expect(ask('status', { machine: ' atlas' })).rejects.toMatchObject({ code: 'one_machine' })
})

test('the alerts of other machines are not counted for the one asked about', async () => {
  const of = async (topic: string, machine: string) => (await ask(topic, { machine })).data
  const none = { critical: 0, warning: 0, info: 0 }
  expect(await of('health', 'borg')).toMatchObject({ overall: { active_alerts: 1 } })
  expect(await of('health', 'atlas')).toMatchObject({ overall: { active_alerts: 0 }, alerts_by_severity: none })
  expect(await of('status', 'atlas')).toMatchObject({ alerts: none })
  expect(await of('alerts', 'atlas')).toMatchObject({ counts: none })
  expect(await of('alerts', 'borg')).toMatchObject({ counts: { ...none, critical: 1 } })
  const some = await of('health', 'atlas, coyote')
  expect(some).toMatchObject({ overall: { active_alerts: 0, machine_count: 2 }, alerts_by_severity: none })
  expect((some as { machines: { id: string }[] }).machines.map(({ id }) => id)).toEqual(['coyote', 'atlas'])
})

test('the future is not answered with today', async () => {
  await expect(ask('health', { at: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'bad_time', exitCode: 2 })
})

test('a past that is not remembered is refused with exit 4', async () => {
  await expect(ask('health', { at: '2020-01-01' })).rejects.toMatchObject({ code: 'no_history', exitCode: 4 })
  await expect(ask('usage', { at: '2020-01-01' })).rejects.toMatchObject({ code: 'no_history', exitCode: 4 })
})

test('a question refused for two reasons at once leaves no read behind that fails unheard, which would end a daemon', async () => {
  const unheard: unknown[] = []
  const hear = (why: unknown): unknown => unheard.push(why)
  process.on('unhandledRejection', hear)
  try {
    for (const { name, example } of queries)
      await ask(name, { ...example, at: '2001-01-01', since: 'last tuesday' }).catch(() => {})
    // What nobody heard of is told once the tasks at hand are done.
    await seeded.store.db.rows('SELECT 1 AS one', {}, z.object({ one: z.number() }))
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', hear)
  }
  expect(unheard).toEqual([])
})

test('usage: a period that ends before it begins is refused; “today” is the day asked about', async () => {
  await expect(ask('usage', { since: '1d', until: '2d' })).rejects.toMatchObject({ code: 'bad_period', exitCode: 2 })
  const { warnings } = await ask('usage', { until: '2026-11-20' })
  expect(warnings?.join(' ')).toContain('empty_period: the period begins and ends at 2026-11-20T00:00:00.000Z')
  const until = new Date(NOW.getTime() - 3 * 86_400_000).toISOString()
  const { data } = await ask('usage', { until })
  expect(data).toMatchObject({ since: `${until.slice(0, 10)}T00:00:00.000Z`, until })
})

test('events: an unknown type is refused', async () => {
  await expect(ask('events', { type: 'alert,agent_stat' })).rejects.toMatchObject({
    exitCode: 2,
    fix: "did you mean 'agent_state'?",
  })
})

test('events: page by page gives each event exactly once, and none is torn from those of its moment', async () => {
  type Page = { events: { ts: string }[]; next: string; more: boolean }
  const page = async (since: string, limit: number): Promise<Page> =>
    (await ask('events', { since, limit })).data as Page
  const all = (await page('30d', 10_000)).events
  expect(all.length).toBeGreaterThan(1)
  const paged: unknown[] = []
  let since = '30d'
  for (let more = true; more; ) {
    const one = await page(since, 1)
    paged.push(...one.events)
    since = one.next
    more = one.more
  }
  expect(paged).toEqual(all)
})

test('events: what nobody asked for is behind the cursor too', async () => {
  const { data } = await ask('events', { since: '30d', severity: 'critical' })
  const whole = await ask('events', { since: '30d' })
  expect((data as { next: string }).next).toBe((whole.data as { next: string }).next)
})

test('a machine that is configured but was never looked at is named, not denied', async () => {
  const more = planOf(['atlas', 'borg', 'coyote', 'newcomer'])
  const now = { db: seeded.store.db, now: NOW, plan: more }
  const { warnings } = await answer(queries, { topic: 'health', params: {} }, now)
  expect(warnings).toContainEqual(expect.stringMatching(/^not_looked_yet: nothing has looked yet at newcomer/))
  for (const params of [{ machine: 'atlas' }, { at: '1s' }]) {
    const other = await answer(queries, { topic: 'health', params }, now)
    expect(other.warnings ?? []).not.toContainEqual(expect.stringMatching(/^not_looked_yet/))
  }
})

test('messages that a clock ahead dates after now are missing from a sum that ends now, and it says so', async () => {
  const early = { db: seeded.store.db, now: new Date(NOW.getTime() - 30 * 86_400_000), plan }
  const usage = (params: AskRequest['params']) => answer(queries, { topic: 'usage', params }, early)
  const { data, warnings } = await usage({})
  expect((data as { total: { messages: number } }).total.messages).toBe(0)
  expect(warnings).toContainEqual(
    expect.stringMatching(/^dated_ahead: 2 messages \(\d+ tokens\) of atlas are dated after now and not in the sum/),
  )
  const said = expect.stringMatching(/^dated_ahead/)
  const ahead = await usage({ since: '1d', until: '2100-01-01' })
  expect((ahead.data as { total: { messages: number } }).total.messages).toBe(2)
  expect(ahead.warnings ?? []).not.toContainEqual(said)
  expect((await usage({ machine: 'borg' })).warnings ?? []).not.toContainEqual(said)
  expect((await ask('usage')).warnings ?? []).not.toContainEqual(said)
})

test('a disabled machine is called disabled, not unknown', async () => {
  const machines = plan.machines.map((machine) =>
    machine.machineId === 'borg' ? { ...machine, enabled: false } : machine,
  )
  const newcomer = { machineId: 'newcomer', local: false, enabled: true, sources: [] }
  const off = { machineId: 'off', local: false, enabled: false, sources: [] }
  const now = { db: seeded.store.db, now: NOW, plan: { machines: [...machines, newcomer, off] } }
  const about = (id: string) => answer(queries, { topic: 'machine', params: { id } }, now)
  await expect(about('off')).rejects.toMatchObject({ code: 'machine_disabled', fix: 'vc machines enable off' })
  await expect(about('newcomer')).rejects.toMatchObject({ code: 'not_looked_yet' })
})

test('triage says how many recommendations it kept back', async () => {
  const cut = await ask('triage', { limit: 1 })
  expect(cut.warnings).toContainEqual('cut: these are the first 1 of 2 recommendations (more: --limit 2)')
  const whole = await ask('triage')
  expect(whole.warnings).not.toContainEqual(expect.stringMatching(/^cut/))
})
