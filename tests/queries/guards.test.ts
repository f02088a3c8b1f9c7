import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentMail } from '../../src/collectors/agent-mail/index.ts'
import { dcg } from '../../src/collectors/dcg/index.ts'
import { probe } from '../../src/collectors/probe/index.ts'
import { pt } from '../../src/collectors/pt/index.ts'
import { rano } from '../../src/collectors/rano/index.ts'
import { sysmoni } from '../../src/collectors/sysmoni/index.ts'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openReplay } from '../../src/transport/replay.ts'
import { scrapedInto } from '../collectors/scraped-into.ts'
import { inventory, planOf } from './seeded-store.ts'

const COLLECTORS = [probe, agentMail, dcg, rano, pt, sysmoni]
const FLEET = join(import.meta.dirname, '../fixtures/fleet')
// SQLite itself asks for the time where reservations run out, so the played machine lives now.
const now = new Date()
const dir = mkdtempSync(join(tmpdir(), 'vcq-'))
let store: Store

const play = async (id: string): Promise<void> => {
  const executor = openReplay({ dir: join(FLEET, id), now: () => now.getTime() })
  const asker = openAsker({ executor, local: false })
  const runs = await scrapedInto(store, {
    asker,
    collectors: COLLECTORS,
    machine: { id, local: false },
    now: () => now,
  })
  for (const run of runs) expect([run.collector, run.fault]).toEqual([run.collector, null])
  asker.close()
  await executor.close()
}

beforeAll(async () => {
  store = await openStore({ dataDir: dir, minFreeBytes: 0 })
  const fleet = ['atlas', 'borg', 'coyote']
  await store.write({
    machineId: 'fleet',
    source: 'config',
    at: now,
    batches: [{ table: 'machines', rows: inventory(fleet) }],
  })
  await play('atlas')
  await play('borg')
})
afterAll(async () => {
  await store.close()
  rmSync(dir, { recursive: true })
})

const ask = (topic: string, params: AskRequest['params'] = {}, at = now) =>
  answer(queries, { topic, params }, { db: store.db, now: at, plan: planOf(['atlas', 'borg', 'coyote']) })
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const data = async (topic: string, params: AskRequest['params'] = {}, at = now): Promise<any> =>
  (await ask(topic, params, at)).data

test('mail: what waits is counted per project, the late acknowledgement first', async () => {
  const mail = await data('mail', { machine: 'atlas' })
  expect(mail.projects).toMatchObject([
    {
      machine: 'atlas',
      project: 'srv-code-limits',
      messages: 3,
      unread: 1,
      urgent_unread: 1,
      ack_pending: 1,
      ack_overdue: 1,
      reservations: 1,
    },
  ])
  expect(
    mail.messages.map((one: { subject: string; unread_by: string[]; unacked_by: string[] }) => [
      one.subject,
      one.unread_by,
      one.unacked_by,
    ]),
  ).toEqual([
    ['Re: Review of the schema needed', [], []],
    ['Review of the schema needed', ['GreenCastle'], ['GreenCastle']],
    ['Taking the parser', [], []],
  ])
  expect(mail.reservations).toMatchObject([{ path: 'src/parser/**', holder: 'GreenCastle', exclusive: true }])
  expect(new Set((await data('mail')).projects.map((one: { machine: string }) => one.machine))).toEqual(
    new Set(['atlas', 'borg']),
  )
  expect((await data('mail', { project: 'no-such' })).projects).toEqual([])
})

test('mail: a reservation that ran out since the last look is not shown, one that has run out by then neither', async () => {
  const later = new Date(now.getTime() + 5 * 3_600_000)
  expect((await data('mail', { machine: 'atlas' }, later)).reservations).toEqual([])
})

test('mail: an old message that still waits belongs to its project, though it lies outside the span', async () => {
  const mail = await data('mail', { machine: 'atlas', since: '1h' })
  expect(mail.projects).toMatchObject([{ project: 'srv-code-limits', messages: 1, ack_pending: 1 }])
})

test('the past before the first look is refused, not shown empty', async () => {
  await expect(data('mail', { at: '2h' })).rejects.toMatchObject({ code: 'no_history' })
})

test('guards: rules with counts, commands without their words, suspect processes', async () => {
  const guards = await data('guards', { machine: 'atlas' })
  expect(guards.rules).toHaveLength(3)
  expect(guards.rules[0]).toMatchObject({ machine: 'atlas', decision: 'deny', rule: 'core.git:reset-hard', count: 1 })
  expect(guards.commands[0]).toMatchObject({ program: 'git', command_chars: 23, severity: null })
  expect(JSON.stringify(guards)).not.toContain('HEAD~3')
  expect(guards.looks).toMatchObject([{ machine: 'atlas', found: 1, kill: 0, review: 1 }])
  expect((await data('guards', { machine: 'borg' })).looks).toMatchObject([{ machine: 'borg', found: 0 }])
  expect(guards.processes).toMatchObject([{ comm: 'node', advice: 'review', severity: 'high', confidence: 0.91 }])
})

test('network: destinations busiest first, alarming ones among them, unknown names null', async () => {
  const network = await data('network')
  expect(network.destinations).toHaveLength(4)
  expect(network.destinations.find((one: { ip: string }) => one.ip === '198.51.100.7')).toMatchObject({
    provider: 'unknown',
    alerts: 1,
    connections: 1,
    domain: null,
  })
  expect((await data('network', { provider: 'openai' })).destinations).toHaveLength(1)
  expect(
    network.sessions.map((one: { provider: string; connections: number }) => [one.provider, one.connections]).sort(),
  ).toEqual([
    ['anthropic', 3],
    ['openai', 3],
    ['unknown', 4],
  ])
})

test('events: guards, processes and connections are kinds of their own, by the time vc learned of them', async () => {
  const { events } = await data('events', { since: '1h', type: 'guard,process,network', machine: 'atlas' })
  const kinds = Map.groupBy(
    events as { type: string; severity: string; change: string; text: string; ts: string }[],
    ({ type }) => type,
  )
  expect(
    kinds
      .get('guard')
      ?.map(({ change, severity }) => [change, severity])
      .sort(),
  ).toEqual([
    ['deny', 'warning'],
    ['deny', 'warning'],
    ['warn', 'info'],
  ])
  expect(kinds.get('process')).toMatchObject([
    { severity: 'warning', change: 'review', text: expect.stringContaining('91 % sure') },
  ])
  expect(kinds.get('network')?.some(({ change, severity }) => change === 'alert' && severity === 'warning')).toBe(true)
  expect(events.every(({ ts }: { ts: string }) => ts === now.toISOString())).toBe(true)
  expect((await data('events', { since: now.toISOString(), type: 'guard' })).events).toEqual([])
})

test('machine: numbers of the probe, open files of sysmoni, suspects of process triage', async () => {
  const machine = await data('machine', { id: 'atlas' })
  expect(machine.suspect_processes).toMatchObject([{ comm: 'node', advice: 'review' }])
  expect(machine.top_processes.length).toBeGreaterThan(0)
  expect(machine.top_processes.every((one: { open_files: number | null }) => Number(one.open_files) >= 40)).toBe(true)
})

test('a source that nobody has answered for is named, not shown as quiet', async () => {
  const { warnings } = await ask('guards', { machine: 'coyote' })
  expect(warnings?.map((text) => text.split(':')[0])).toEqual(['not_collected', 'not_collected', 'first_look'])
})
