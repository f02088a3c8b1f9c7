import { describe, expect, test } from 'vitest'
import { actOnMissions, type MissionAction } from '../../../src/commands/missions/act.ts'
import { missionQueue } from '../../../src/commands/missions/queue.ts'
import { answer, queries } from '../../../src/queries/index.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { appendAll, runOf, tempDir, tempStore } from '../../store/support.ts'

const T0 = Date.UTC(2026, 10, 21, 6)
const at = (seconds: number): Date => new Date(T0 + seconds * 1000)

const door = (store: Store, by = 'ada') => {
  const act = (action: MissionAction, given: object, seconds = 0) =>
    actOnMissions(store, action, given as Record<string, unknown>, by, at(seconds))
  const add = (...missions: readonly object[]) => act('add', { missions })
  const ask = async (params: object = {}, seconds = 1_000, topic = 'missions') => {
    const plan = { machines: [], collectors: [] } as never
    const reply = await answer(queries, { topic, params: { ...params } }, { db: store.db, now: at(seconds), plan })
    return reply.data as {
      counts: Record<string, number>
      missions: { mission: string; standing: string; waits_on: object[]; title: string }[]
      convoys: object[]
      spent: Record<string, number | null>
      detail: { texts: { kind: string; body: string }[]; history: { status: string }[] } | null
      mission_convoys: object[]
    }
  }
  return { act, add, ask }
}

describe('the queue', () => {
  test('from adding to done, with what it says, what it waits on and what it cost', async () => {
    const store = await tempStore()
    const { act, add, ask } = door(store)
    await add({ title: 'build', ref: 'b', prompt: 'make it' }, { title: 'test', depends_on: ['b'] })
    const claimed = await act('claim', { as: 'bob' })
    expect(claimed).toMatchObject({
      ...{ outcome: 'recorded', effects: [{ what: 'm-1 is held by bob', observed: true, evidence: 'store' }] },
      ...{ missions: [{ mission: 'm-1', status: 'claimed', claimed_by: 'bob' }] },
      texts: [{ kind: 'prompt', author: 'ada', body: 'make it' }],
    })
    expect((await ask()).missions).toMatchObject([
      { mission: 'm-1', standing: 'lapsed' },
      { mission: 'm-2', standing: 'blocked', waits_on: [{ mission: 'm-1', status: 'claimed', dead: false }] },
    ])
    const claim = claimed.missions[0]?.claim
    const done = await act('complete', { mission: 'm-1', claim, output: 'it runs', output_tokens: 7 }, 60)
    expect(done).toMatchObject({ outcome: 'recorded', missions: [{ status: 'done' }] })
    expect(await ask()).toMatchObject({
      counts: { ready: 1, done: 1, blocked: 0 },
      missions: [{ mission: 'm-2', standing: 'ready', waits_on: [] }],
      spent: { missions_reporting: 1, input_tokens: null, output_tokens: 7, work_ms: 60_000 },
    })
    const { detail } = await ask({ id: 'm-1' })
    expect(detail?.texts.map(({ kind, body }) => `${kind}: ${body}`)).toEqual(['prompt: make it', 'output: it runs'])
    expect(detail?.history.map(({ status }) => status)).toEqual(['pending', 'claimed', 'done'])
  })

  test('what it was like before is still known', async () => {
    const store = await tempStore()
    // vc had begun to look by then.
    await appendAll(store, runOf([]))
    const { act, add, ask } = door(store)
    await add({ title: 'build' })
    await act('claim', { as: 'bob' }, 60)
    await act('cancel', { mission: 'm-1', reason: 'by hand' }, 120)
    expect((await ask({ at: at(90).toISOString() })).counts).toMatchObject({ running: 1, cancelled: 0 })
    expect((await ask()).counts).toMatchObject({ running: 0, cancelled: 1 })
  })

  test('nothing for this claimant: refused, with what there is', async () => {
    const { act, add } = door(await tempStore())
    await add({ title: 'a', to_role: 'tester' }, { title: 'b', to_agent: 'eve' })
    expect(await act('claim', { as: 'bob' })).toMatchObject({
      ...{ outcome: 'refused', effects: [], refusal: { code: 'nothing_ready' } },
    })
  })

  test('a ring of dependencies is refused, and nothing of the batch is kept', async () => {
    const { add, ask } = door(await tempStore())
    await add({ title: 'old' })
    const ring = await add({ title: 'a', ref: 'a', depends_on: ['b'] }, { title: 'b', ref: 'b', depends_on: ['a'] })
    expect(ring).toMatchObject({ outcome: 'refused', refusal: { code: 'dependency_cycle' } })
    expect(ring.refusal?.message).toMatch(/a → b → a|b → a → b/)
    expect(await add({ title: 'c', before: ['m-1'], depends_on: ['m-1'] })).toMatchObject({ outcome: 'refused' })
    expect((await ask()).missions.map(({ title }) => title)).toEqual(['old'])
  })

  test('what already runs cannot be made to wait', async () => {
    const { act, add } = door(await tempStore())
    await add({ title: 'a' })
    await act('claim', { as: 'bob' })
    expect(await add({ title: 'b', before: ['m-1'] })).toMatchObject({ refusal: { code: 'already_claimed' } })
  })

  test('the same key makes one mission, in one batch and later, also when it ended', async () => {
    const store = await tempStore()
    const { act, add, ask } = door(store)
    const twice = await add({ title: 'a', key: 'k' }, { title: 'a', key: 'k' })
    expect(twice.missions.map(({ mission }) => mission)).toEqual(['m-1', 'm-1'])
    await act('cancel', { mission: 'm-1' })
    const again = await add({ title: 'a', key: 'k' })
    expect(again).toMatchObject({ effects: [{ what: 'm-1 was there already, made with the same key' }] })
    expect((await ask({ all: true })).missions).toHaveLength(1)
  })

  test('a failed one goes back, then fails, then is tried again by hand', async () => {
    const { act, add, ask } = door(await tempStore())
    await add({ title: 'a', max_retries: 0 })
    await act('claim', { as: 'bob' })
    const failed = await act('fail', { mission: 'm-1', as: 'bob', code: 'red', output: 'three tests' })
    expect(failed).toMatchObject({ missions: [{ status: 'failed', failure: { code: 'red' } }] })
    expect(await act('retry', { mission: 'm-1' })).toMatchObject({ missions: [{ status: 'pending' }] })
    expect(await act('retry', { mission: 'm-1' })).toMatchObject({ outcome: 'refused' })
    expect((await ask({ id: 'm-1' })).detail?.texts).toMatchObject([{ kind: 'error', body: 'three tests' }])
  })

  test('events are the same queue, and work does not see them', async () => {
    const { act, add } = door(await tempStore())
    await add({ title: 'ROUTE', event_type: 'ROUTE', to_agent: 'cab', payload: '{"task":"T1"}' })
    expect(await act('claim', { as: 'cab' })).toMatchObject({ outcome: 'refused' })
    expect(await act('claim', { as: 'cab', events: ['OTHER'] })).toMatchObject({ outcome: 'refused' })
    const event = await act('claim', { as: 'cab', events: 'all' })
    expect(event.texts).toMatchObject([{ kind: 'payload', body: '{"task":"T1"}' }])
    expect(event.brief).toContain('vc event done m-1')
    expect(await act('complete', { mission: 'm-1', as: 'cab' })).toMatchObject({ missions: [{ status: 'done' }] })
  })

  test('a convoy counts what becomes of its missions, on both topics', async () => {
    const { act, add, ask } = door(await tempStore())
    const made = await act('add', { convoy: { title: 'story' }, missions: [{ title: 'a' }, { title: 'b' }] })
    expect(made).toMatchObject({ convoy: 'c-1', missions: [{ convoy: 'c-1' }, { convoy: 'c-1' }] })
    await add({ title: 'c' })
    await act('join', { convoy: 'c-1', missions: ['m-3'] })
    await act('claim', { as: 'bob' })
    await act('complete', { mission: 'm-1', as: 'bob' })
    const convoy = { convoy: 'c-1', status: 'active', total: 3, counts: { done: 1, ready: 2 } }
    expect((await ask()).convoys).toMatchObject([convoy])
    expect((await ask({}, 1_000, 'convoys')).mission_convoys).toMatchObject([convoy])
    await expect(act('join', { convoy: 'c-9', missions: ['m-1'] })).rejects.toMatchObject({ code: 'unknown_convoy' })
  })

  test('secrets and control characters never come in', async () => {
    const store = await tempStore()
    const { act, add } = door(store)
    const token = 'sk-ant-abcdefghijklmnopqrstuvwx'
    await add({ title: `a ${token}`, prompt: `use ${token}\u001b[2J`, payload: { token } })
    const { texts, missions } = await act('claim', { as: 'bob' })
    const all = JSON.stringify([texts, missions, await store.db.rows('SELECT * FROM mission_texts')])
    expect(all).not.toContain(token)
    expect(all).toContain('[redacted')
    expect(texts?.find(({ kind }) => kind === 'prompt')?.body).not.toMatch(/\u001b/)
  })

  test('a result that is too long is cut and says so, never refused', async () => {
    const { act, add, ask } = door(await tempStore())
    await add({ title: 'a' })
    await act('claim', { as: 'bob' })
    await act('complete', { mission: 'm-1', as: 'bob', output: 'x'.repeat(50_000) })
    expect((await ask({ id: 'm-1' })).detail?.texts[0]?.body).toMatch(/\[cut; the whole had 50000 characters\]$/)
  })

  test.each<[MissionAction, object, RegExp]>([
    ['add', { missions: [] }, /names no mission/],
    ['add', { missions: [{ title: ' ' }] }, /^title: is empty/],
    ['add', { missions: [{ title: 'a', lane: 'fast' }] }, /lane/],
    ['add', { missions: [{ title: 'a', surprise: 1 }] }, /surprise/],
    ['add', { missions: [{ title: 'a', payload: '{' }] }, /is not JSON/],
    ['add', { missions: [{ title: 'a', depends_on: ['m-9'] }] }, /no mission m-9/],
    ['add', { missions: [{ title: 'a', convoy: 'c-9' }] }, /no convoy c-9/],
    [
      'add',
      {
        missions: [
          { title: 'a', ref: 'x' },
          { title: 'b', ref: 'x' },
        ],
      },
      /called x/,
    ],
    ['claim', {}, /as:/],
    ['claim', { as: 'a b' }, /is not a name/],
    ['complete', { mission: 'm-1' }, /say who reports/],
    ['cancel', { mission: 'm-1' }, /no mission m-1/],
  ])('%s %j is a usage error that names what is wrong', async (action, given, words) => {
    const { act } = door(await tempStore())
    await expect(act(action, given)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(words) })
  })
})

test('a ring is refused as a whole in a line that can be read, and uses up no ids', async () => {
  const { act } = door(await tempStore())
  const missions = Array.from({ length: 40 }, (_, at) => ({
    title: `t${at}`,
    ref: `r${at}`,
    depends_on: [`r${(at + 39) % 40}`],
  }))
  const { refusal } = await act('add', { missions })
  expect(refusal).toMatchObject({ code: 'dependency_cycle', message: expect.stringMatching(/→ … →.*\(40 missions\)$/) })
  expect(refusal?.message.length).toBeLessThan(200)
  expect(await act('add', { missions: [{ title: 'a' }] })).toMatchObject({ missions: [{ mission: 'm-1' }] })
})

test('what is wrong with one mission is said without a place in a list, and with the help of the command that was typed', async () => {
  const { act } = door(await tempStore())
  const event = { title: '', event_type: 'PING' }
  await expect(act('add', { missions: [event] })).rejects.toMatchObject({
    message: 'title: is empty',
    fix: 'vc event emit --help',
  })
  await expect(act('add', { missions: [{ title: 'a' }, { title: '' }] })).rejects.toMatchObject({
    message: 'missions.1.title: is empty',
    fix: 'vc mission add --help',
  })
})

test('a step that was not stored did not happen, and those decided upon it neither', async () => {
  const store = await tempStore()
  let broken = false
  const flaky = {
    db: { ...store.db },
    write: (change: Parameters<Store['write']>[0]) =>
      broken
        ? Promise.resolve({ ok: false as const, fault: 'persist_failed' as const, detail: 'disk' })
        : store.write(change),
  }
  const queue = missionQueue(flaky)
  const { add } = door({ ...store, ...flaky } as Store)
  await add({ title: 'a' }, { title: 'b' })
  broken = true
  const claimant = { role: null, types: null, lanes: null, events: 'none', machineId: null, missionId: null } as const
  const claims = await Promise.allSettled(['x', 'y', 'z'].map((name) => queue.claim({ ...claimant, name }, at(1))))
  expect(claims.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  broken = false
  expect(await queue.claim({ ...claimant, name: 'x' }, at(2))).toMatchObject({ missionId: 'm-1', attempts: 1 })
})

test('numbers go on after a restart, and what was ended can still be tried again', async () => {
  const dataDir = tempDir()
  const first = await openStore({ dataDir, minFreeBytes: 0 })
  await door(first).add({ title: 'a', key: 'k' }, { title: 'b' })
  await door(first).act('cancel', { mission: 'm-1' })
  await first.close()
  const second = await openStore({ dataDir, minFreeBytes: 0 })
  try {
    const { act, add } = door(second)
    expect((await add({ title: 'c' })).missions).toMatchObject([{ mission: 'm-3' }])
    expect((await add({ title: 'a', key: 'k' })).missions).toMatchObject([{ mission: 'm-1', status: 'cancelled' }])
    expect(await act('retry', { mission: 'm-1' })).toMatchObject({ missions: [{ status: 'pending' }] })
    expect(await act('claim', { as: 'bob' })).toMatchObject({ missions: [{ mission: 'm-1' }] })
  } finally {
    await second.close()
  }
})
