import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { topicSchema } from '../../src/robot/docs.ts'
import { envelopeOf } from '../../src/robot/envelope.ts'
import { refusalOf } from '../commands/pasted.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

const bead = (id: string, standing: string, over: Row = {}): Row => ({
  project: '/p/.beads', repo_id: 'r1', issue_id: id, title: 'Mend the gate', status: 'open', standing, priority: 1, issue_type: 'bug', assignee: null,
  labels_json: null, created_at: null, started_at: null, updated_at: null, closed_at: null, due_at: null, defer_until: null, estimated_minutes: null,
  external_ref: null, comment_count: null, body_chars: null, body_sha256: null, waits_on_json: null, unblocks: 3, score: null, reasons_json: null, gone: false, ...over,
}) // biome-ignore format: a row
const mail = (id: string, createdS: number): Row => ({
  database_path: '/m.db', message_id: id, message_created_at: ago(createdS), project_id: 'ledger', recipient: 'BlueLake', kind: 'to', importance: 'normal',
  ack_required: true, read_at: null, ack_at: null, retired_at: null,
}) // biome-ignore format: a row
const seen = (usedPct: number, observedS: number): Row => ({
  provider: 'anthropic', account_key: 'acc-9', account_label: 'ops@example.org', limit_id: 'claude', window_name: '5h', used_pct: usedPct,
  resets_at: ago(-7200), observed_at: ago(observedS), observed_source: 'claude.statusline', source_rank: 1, plan: null, credits: null, status: null,
}) // biome-ignore format: a row
const foretold = (madeS: number, over: Row): Row => ({
  machine_id: 'borg', kind: 'disk_full', subject: '/srv', made_at: ago(madeS), horizon_at: null, outlook: 'forecast', value_minutes: 90, low_minutes: 60,
  high_minutes: 200, probability: 0.9, action: 'free_space', advice_json: '{}', model: 'm', confidence: 0.7, basis_json: '{}', ...over,
}) // biome-ignore format: a row

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const { store } = seeded
  const append = (machine: string, source: string, atS: number, table: string, rows: readonly Row[], over = {}) =>
    store.append(run(machine, source, atS, [{ table, rows }], over))
  await append('atlas', 'beads', 60, 'beads_issues', [bead('b-1', 'ready'), bead('b-2', 'blocked')])
  await append('borg', 'beads', 60, 'beads_issues', [bead('b-1', 'ready'), bead('c-1', 'blocked', { repo_id: 'r2' })])
  await append('borg', 'agent_mail', 60, 'mail_recipients', [mail('1', 9000), mail('2', 600)])
  for (const [at, pct] of [80, 84, 88, 92, 95, 98].entries())
    await append('atlas', 'statusline', 1800 - at * 300, 'account_usage_snapshots', [seen(pct, 1800 - at * 300)])
  await append('borg', 'retention', 50, 'agent_usage', [], {
    batches: [],
    warnings: [
      {
        code: 'retention',
        message: 'Claude Code on borg deletes transcripts (its default, 30 days)',
        fix: 'set cleanupPeriodDays',
      },
    ],
  })
  for (const atS of [3, 1])
    await append('borg', 'git', atS, 'repos', [], {
      up: false,
      fault: 'timeout',
      detail: 'no answer in 10 s',
      batches: [],
    })
  await store.write({
    machineId: 'borg',
    source: 'oracle.forecast',
    at: ago(120),
    batches: [{ table: 'predictions', rows: [foretold(120, {}), foretold(9000, { subject: '/old' })] }],
  })
  // atlas answers again: its alert waits to be sure of that
  const back = { alert_id: 'machine_unreachable:atlas:transport', rule: 'machine_unreachable', machine_id: 'atlas', subject: 'transport', severity: 'critical', status: 'firing', title: 'atlas is unreachable', evidence_json: '{}', since: ago(300), fired_at: ago(300), resolved_at: null } // biome-ignore format: a row
  await store.write({ machineId: 'atlas', source: 'oracle', at: ago(90), batches: [{ table: 'alerts', rows: [back] }] })
  await store.flush()
})
afterAll(() => seeded.close())

const ctx = () => ({ db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) })
const ask = async (params: object = {}) => {
  const reply = await answer(queries, { topic: 'triage', params: { ...params } }, ctx())
  const data = reply.data as {
    recommendations: { id: string; priority: number; title: string; description: string }[]
    suggested_commands: { command: string; reason: string; confidence: number }[]
  }
  return { reply, ...data }
}

test('everything that asks for somebody, in one order, each cause once', async () => {
  const { recommendations } = await ask()
  expect(recommendations.map(({ id }) => id)).toEqual([
    'disk_low:borg:/data',
    'agent:atlas/claude-7k2m:needs_approval',
    'limit:anthropic acc-9 claude 5h',
    'source:borg:git',
    'mail:borg',
    'disk_full:borg:/srv',
    'beads-blocked:r2',
    'retention:borg:claude',
    'bead:r1:b-1',
  ])
  expect(recommendations.map(({ priority }) => priority)).toEqual(recommendations.map((_, at) => at + 1))
})

test('a limit is foretold from what was seen, where no daemon has lately', async () => {
  const limit = (await ask()).recommendations.find(({ id }) => id.startsWith('limit:'))
  expect(limit?.title).toMatch(/^anthropic ops@example.org uses up its 5h window in \d+ min$/)
  expect(limit?.description).toMatch(/98 % used, reset at 2026-11-20T14:00:00.000Z, probability [01]\.\d\d, advice \w+/)
})

test('the published shape holds, and every command is one that vc takes', async () => {
  const { reply, suggested_commands, recommendations } = await ask()
  const triage = queries.find(({ name }) => name === 'triage')
  if (triage === undefined) throw new Error('no triage')
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(topicSchema(triage))
  expect(validate(JSON.parse(JSON.stringify(envelopeOf(reply)))), JSON.stringify(validate.errors)).toBe(true)
  expect(suggested_commands).toHaveLength(recommendations.length)
  for (const { command } of suggested_commands) expect([command, await refusalOf(command)]).toEqual([command, null])
})

test('limit cuts from the end', async () => {
  expect((await ask({ limit: 2 })).recommendations.map(({ priority }) => priority)).toEqual([1, 2])
})

test('the past is told from the past', async () => {
  const { recommendations } = await ask({ at: '0s' })
  expect(recommendations.map(({ id }) => id)).toContain('source:borg:git')
})

test('where a daemon tells limits, its word is taken; one that stopped telling is not', async () => {
  const { store } = seeded
  const limit = (madeS: number, over: Row) =>
    store.write({
      machineId: 'fleet',
      source: 'oracle.forecast',
      at: ago(madeS),
      batches: [
        {
          table: 'predictions',
          rows: [
            foretold(madeS, { machine_id: 'fleet', kind: 'limit', subject: 'a b - 5h', action: 'continue', ...over }),
          ],
        },
      ],
    })
  const limits = async () =>
    (await ask()).recommendations.filter(({ id }) => id.startsWith('limit:')).map(({ id }) => id)
  await limit(3000, { outlook: 'still' })
  expect(await limits()).toEqual([])
  await limit(1200, { outlook: 'forecast' })
  expect(await limits()).toEqual(['limit:anthropic acc-9 claude 5h'])
})
