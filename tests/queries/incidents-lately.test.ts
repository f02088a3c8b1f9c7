// Incidents stay for ever, and one that nobody closes lasts for months: an answer reads those it tells, and their first and last day.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'
import { asking, MANY, many } from './asking.ts'

const DAY_S = 86_400

const incident = (id: string, opened: Date, closed: Date | null): Row => ({
  ...{ incident_id: id, group_key: 'g', machine_id: 'atlas', title: id, severity: 'warning', opened_by: 'vc' },
  ...{ status: closed === null ? 'open' : 'closed', opened_at: opened, closed_at: closed },
  ...{ alerts_json: '[]', hypotheses_json: '[]' },
})
const failed = (secondsAt: number, i: number): Row => ({
  ...{ agent_id: `atlas/claude-${i}`, machine_id: 'atlas', state: 'failed', rule: 'r' },
  ...{ since: at(secondsAt), judged_at: at(secondsAt) },
})

type Detail = { timeline: { offset_s: number }[]; timeline_total: number; notes: { body: string }[] }

const world = async () => {
  const store = await tempStore()
  const rows = [
    ...many((i) => incident(`i-${100 + i}`, at(-20 * DAY_S - i), at(-19 * DAY_S))),
    incident('i-long', at(-10 * DAY_S), null),
  ]
  const notes = [...many((i) => ({ id: `i-${100 + i}`, i })), { id: 'i-long', i: 99 }].map(({ id, i }) => ({
    ...{ note_id: `n${i}`, incident_id: id, ts: at(-9), author: 'ann', body: `of ${id}` },
  }))
  const failures = many((i) => {
    const secondsAt = (-10 + i / 4) * DAY_S
    return runOf([{ table: 'latest_agent_states', rows: [failed(secondsAt, i)] }], { startedAt: at(secondsAt) })
  })
  await appendAll(
    store,
    runOf([{ table: 'incidents', rows }]),
    runOf([{ table: 'incident_notes', rows: notes }], { collector: 'cli' }),
    ...failures,
  )
  return asking(store)
}

test('incidents are read as they are asked for, all are counted, and one is found by the beginning or the end of its id', async () => {
  const ask = await world()
  const open = await ask('incidents')
  expect([open.data.open, open.data.incidents, open.most]).toMatchObject([1, [{ incident: 'i-long', notes: 1 }], 1])
  const all = await ask('incidents', { all: true, limit: 3 })
  expect([all.data.incidents, all.most]).toMatchObject([
    [{ incident: 'i-long' }, { incident: 'i-100' }, { incident: 'i-101' }],
    3,
  ])
  for (const id of ['i-139', '139']) {
    const { data } = await ask('incidents', { id })
    expect([id, data.incidents]).toMatchObject([id, [{ incident: 'i-139' }]])
  }
  await expect(ask('incidents', { id: 'i-1' })).rejects.toMatchObject({
    message: `${MANY} incidents are called “i-1”`,
    fix: expect.stringMatching(/^incidents: i-100, .* and 16 more$/),
  })
  await expect(ask('incidents', { id: 'x' })).rejects.toMatchObject({
    message: 'no incident is called “x”',
    fix: expect.stringMatching(/^incidents: i-long, i-100, .* and 17 more$/),
  })
})

test('of an incident that lasted longer than two days its first and its last day are told, and so many moments as are asked for', async () => {
  const ask = await world()
  const detail = async (params: Row): Promise<Detail> =>
    (await ask('incidents', { id: 'i-long', ...params })).data.detail as unknown as Detail
  const whole = await detail({})
  const days = whole.timeline.map(({ offset_s }) => offset_s / DAY_S)
  expect(days).toEqual([0, 0.25, 0.5, 0.75, 9.25, 9.5, 9.75])
  expect([whole.timeline_total, whole.notes]).toMatchObject([7, [{ body: 'of i-long' }]])
  const few = await detail({ moments: 3 })
  expect([few.timeline.map(({ offset_s }) => offset_s / DAY_S), few.timeline_total]).toEqual([[0, 0.25, 9.75], 7])
})
