import { expect, test } from 'vitest'
import { parseMergeRequests } from '../../../src/collectors/gastown/work.ts'
import { fixture, look, oneTown, rowsOf, said, TOWN } from './towns.ts'

test.each([
  ['no town', { 'status.1': { out: '', code: 1, err: 'not in a Gas Town workspace' } }, 'exit_code'],
  ['another document', { 'status.1': '{"agents":[],"rigs":[]}' }, 'bad_output'],
  ['half a document', { 'status.1': fixture('status.json').slice(0, 900) }, 'bad_output'],
  ['nesting without end', { 'status.1': '{"a":'.repeat(100_000) }, 'bad_output'],
  ['no answer in time', { 'status.1': { out: '', code: 124 } }, 'timeout'],
] as const)('%s is a fault, and the town’s picture stays', async (_, parts, fault) => {
  const result = await look(oneTown(parts))
  expect(result).toMatchObject({ batches: [], fault, detail: expect.stringContaining(TOWN) })
})

test('one town that fails takes no other with it', async () => {
  const text = said({
    ...{ 'town.1': `${TOWN}\n`, 'status.1': { out: '', code: 1 } },
    ...{ 'town.2': '/srv/gt2\n', 'status.2': fixture('status.json'), 'convoys.2': 'null' },
  })
  const result = await look(text)
  expect(result).toMatchObject({ fault: 'exit_code', partial: true })
  expect(rowsOf(result, 'gastown_towns')).toMatchObject([{ town: '/srv/gt2' }])
})

test('an absent tool, no town at all, a town that went, and a cut answer', async () => {
  expect(await look(said({ missing: { out: '', code: 127 } }))).toMatchObject({ fault: 'tool_missing' })
  expect(await look(said({}))).toMatchObject({ fault: null, batches: [] })
  const cursors = new Map([[`town:${TOWN}`, { queues: ['greenplace'], turn: 3, feed: null }]])
  const went = await look(said({}), { cursors })
  expect(went.batches.map(({ table, scope }) => [table, scope])).toContainEqual(['gastown_agents', undefined])
  expect(went.cursors).toContainEqual({ key: `town:${TOWN}`, value: null })
  expect(await look(said({}, false), { cursors })).toMatchObject({ batches: [], fault: 'truncated' })
})

test('hostile values are bounded, cleaned or null', () => {
  const [row] =
    parseMergeRequests(
      `[{"id":"a\\u001b[2J","priority":99999999999999999999,"status":7,"blocked_by_count":-4,"created_at":"NaN","description":"branch: two words\\nretry_count: 1e9\\nworker: ${'w'.repeat(500)}"}, null, 4, {"id":""}]`,
      'r',
    ) ?? []
  expect(row).toMatchObject({
    request_id: 'a[2J',
    priority: null,
    status: null,
    blocked_by: null,
    created_at: null,
    branch: null,
    retries: null,
  })
  expect(String(row?.worker).length).toBeLessThanOrEqual(200)
})
