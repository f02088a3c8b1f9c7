import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ReportData, reportMarkdown } from '../../src/commands/report-markdown.ts'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (params: AskRequest['params'] = {}) =>
  answer(queries, { topic: 'report', params }, { db: seeded.store.db, now: NOW, plan })
const data = async (params: AskRequest['params'] = {}): Promise<ReportData> => (await ask(params)).data as ReportData

beforeAll(async () => {
  seeded = await seededStore()
  const { store } = seeded
  // vc has looked for three days: then there is a window before.
  await store.append(run('atlas', 'tmux', 3 * 86_400, []))
  const head = (head_oid: string) => ({
    repo_id: 'r1',
    path: '/home/dev/ledger',
    state: 'ok',
    branch: 'main',
    head_oid,
    dirty: false,
    gone: false,
  })
  await store.append(run('atlas', 'git', 1, [{ table: 'repo_status_snapshots', rows: [head('def')] }]))
  await store.flush()
})
afterAll(() => seeded.close())

test('says what ran, what it cost, what went wrong and what was done', async () => {
  const report = await data()
  expect(report.ran).toMatchObject({ sessions: 1, machines: 1, messages: 2 })
  expect(report.cost).toMatchObject({ tokens: 2320, cost_microusd: 5000, unpriced_tokens: 1160 })
  expect(report.wrong.alerts).toEqual([
    { title: 'borg /data has 3.0 % free', severity: 'critical', machine: 'borg', times: 1 },
  ])
  expect(report.wrong.sources).toMatchObject([{ machine: 'coyote', source: 'probe', failed: 1, fault: 'unreachable' }])
  expect(report.done.repos).toEqual([{ machine: 'atlas', path: '/home/dev/ledger', changes: 1 }])
  expect(report.top_repos[0]).toMatchObject({ key: '/home/dev/ledger', tokens: 2320 })
})

test('beside the window before; growth from nothing is no percentage', async () => {
  const figure = (await data()).trends.find((one) => one.figure === 'tokens')
  expect(figure).toEqual({ figure: 'tokens', now: 2320, before: 0, change_pct: null })
})

test('where vc did not look all through the window before there is no trend, and it says so', async () => {
  const reply = await ask({ window: '7d' })
  expect((reply.data as ReportData).trends.every((one) => one.before === null)).toBe(true)
  expect(reply.warnings?.some((text) => text.startsWith('no_history'))).toBe(true)
})

test('a window that is no length is refused', async () => {
  for (const window of ['yesterday', '0d'])
    await expect(ask({ window })).rejects.toMatchObject({ code: 'bad_window', exitCode: 2 })
})

test('the end may lie in the past', async () => {
  expect((await data({ at: ago(10).toISOString() })).until).toBe(ago(10).toISOString())
})

test('as a page, with foreign text that cannot mark it up', async () => {
  const report = await data()
  const alerts = [{ title: 'a | b <script> *c*\u001b[31m', severity: 'warning', machine: null, times: 2 }]
  const page = reportMarkdown({ ...report, wrong: { ...report.wrong, alerts } }, ['unpriced: some'])
  expect(page).toContain('# Fleet report, 2026-11-19 12:00 UTC to 2026-11-20 12:00 UTC')
  expect(page).toContain('- warning: a \\| b \\<script\\> \\*c\\*\\[31m (2 times)')
  expect(page).toContain('| tokens | 2,320 | 0 |  |')
  expect(page).toContain('$0.01 (API-equivalent) for 2,320 tokens, 1,160 of them without a known price.')
})

test('a machine whose sources all fail alike is one line of the page, others stay apart', async () => {
  const report = await data()
  const down = ['probe', 'tmux', 'claude'].map((source) => ({
    machine: 'coyote',
    source,
    failed: 2,
    runs: 3,
    fault: 'unreachable',
  }))
  const odd = { machine: 'atlas', source: 'caut', failed: 1, runs: 9, fault: 'timeout' }
  const page = reportMarkdown({ ...report, wrong: { ...report.wrong, sources: [...down, odd] } }, [])
  expect(page.split('\n').filter((line) => line.includes(' failed '))).toEqual([
    '- 3 sources on coyote failed 6 of 9 times (unreachable)',
    '- caut on atlas failed 1 of 9 times (timeout)',
  ])
  const many = Array.from({ length: 13 }, (_, n) => ({ ...odd, machine: `m${n}` }))
  expect(reportMarkdown({ ...report, wrong: { ...report.wrong, sources: many } }, [])).toContain(
    '\n- and 3 more sources (',
  )
})
