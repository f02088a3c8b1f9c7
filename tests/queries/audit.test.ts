import { beforeAll, describe, expect, test } from 'vitest'
import { openAuditTrail } from '../../src/commands/audit-trail.ts'
import type { Proposal } from '../../src/core/action.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { tempDir } from '../store/support.ts'
import { ago, NOW, planOf } from './seeded-store.ts'

const SECRET = `ghp_${'a1B2'.repeat(8)}`

const proposal = (verb: string, over: Partial<Proposal> = {}): Proposal => ({
  verb,
  target: { machineId: 'atlas', agentId: 'atlas/claude-7k2m' },
  params: { text_chars: 5 },
  class: 'irreversible',
  why: `because of ${SECRET}`,
  origin: 'person',
  actor: 'ana',
  ...over,
})

let store: Store
const ids: Record<string, string> = {}
const person = { pid: 11, agent: null, terminal: true }

beforeAll(async () => {
  store = await openStore({ dataDir: tempDir(), groupWindowMs: 5 })
  const at = (seconds: number) => openAuditTrail(store, () => ago(seconds))
  const id = (name: string): string => {
    ids[name] = at(0).mint()
    return ids[name]
  }
  const effects = [{ what: 'submitted', observed: true, evidence: 'transcript' }]
  await at(300).intent(id('sent'), proposal('agent.send'), person)
  await at(290).result(ids.sent ?? '', proposal('agent.send'), person, { outcome: 'verified', effects, refusal: null })
  const refusal = { code: 'caller_is_agent', message: 'asked for from within codex', fix: 'run it yourself' }
  await at(200).refused(
    id('refused'),
    proposal('agent.approve', { dialogHash: 'ab12' }),
    { ...person, agent: 'codex' },
    refusal,
  )
  await at(100).intent(
    id('open'),
    proposal('agent.stop', { target: { machineId: 'borg', agentId: 'borg/codex-1' } }),
    person,
  )
  return () => store.close()
})

interface Answer {
  readonly actions: readonly Record<string, unknown>[]
  readonly steps: readonly Record<string, unknown>[] | null
  readonly refused: number
  readonly unknown: number
}

const ask = async (params: Record<string, unknown> = {}, topic = 'audit') =>
  (await answer(queries, { topic, params }, { db: store.db, now: NOW, plan: planOf(['atlas', 'borg']) })).data as Answer

const verbs = async (params: Record<string, unknown>) => (await ask(params)).actions.map((one) => one.verb)

describe('what was done', () => {
  test('is one line an action, the newest first, with what was seen of it', async () => {
    const { actions, refused, unknown } = await ask()
    expect(actions.map(({ verb, outcome, code }) => [verb, outcome, code])).toEqual([
      ['agent.stop', null, null],
      ['agent.approve', 'refused', 'caller_is_agent'],
      ['agent.send', 'verified', null],
    ])
    expect([refused, unknown]).toEqual([1, 0])
    expect(actions[1]).toMatchObject({ caller_agent: 'codex', dialog: 'ab12', detail: 'asked for from within codex' })
    expect(actions[2]).toMatchObject({
      effects: [{ observed: true, evidence: 'transcript' }],
      actor: 'ana',
      caller_pid: 11,
    })
  })

  test('holds no secret', async () => {
    expect(JSON.stringify(await ask())).not.toContain(SECRET)
    expect(JSON.stringify(await ask())).toContain('redacted')
  })

  test('is found by machine, agent, outcome and time', async () => {
    expect(await verbs({ machine: 'borg' })).toEqual(['agent.stop'])
    expect(await verbs({ agent: 'atlas/claude-7k2m' })).toEqual(['agent.approve', 'agent.send'])
    expect(await verbs({ outcome: 'under_way' })).toEqual(['agent.stop'])
    expect(await verbs({ since: '2m' })).toEqual(['agent.stop'])
    expect(await verbs({ limit: 1 })).toEqual(['agent.stop'])
  })

  test('is told as it stood at a moment of the past', async () => {
    const { actions } = await ask({ at: ago(295).toISOString() })
    expect(actions.map(({ verb, outcome }) => [verb, outcome])).toEqual([['agent.send', null]])
  })

  test('has its steps by id, or by a beginning of it that is enough', async () => {
    const { steps, actions } = await ask({ id: ids.sent })
    expect(actions).toHaveLength(1)
    expect(steps?.map((one) => [one.step, one.outcome])).toEqual([
      ['intent', null],
      ['result', 'verified'],
    ])
    await expect(ask({ id: 'a-' })).rejects.toMatchObject({ code: 'ambiguous_audit', exitCode: 2 })
    await expect(ask({ id: 'a-none' })).rejects.toMatchObject({ code: 'unknown_audit', exitCode: 2 })
  })

  test('is told to whoever watches, step by step; what an agent tried is a warning', async () => {
    const { events } = (await ask({ since: '1h', type: 'action' }, 'events')) as unknown as {
      events: readonly { change: string; severity: string; subject: string; data: Record<string, unknown> }[]
    }
    expect(events.map(({ change, severity }) => [change, severity])).toEqual([
      ['intent', 'info'],
      ['verified', 'info'],
      ['refused', 'warning'],
      ['intent', 'info'],
    ])
    expect(events[2]).toMatchObject({
      subject: 'atlas/claude-7k2m',
      data: { audit: ids.refused, step: 'refused', verb: 'agent.approve' },
    })
  })
})
