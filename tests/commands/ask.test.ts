import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANSWERERS, type AskedQuestion, askQuestion } from '../../src/commands/ask-question.ts'
import { INTENTS } from '../../src/oracle/ask-intents.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from '../queries/seeded-store.ts'
import { refusalOf } from './pasted.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (question: string): Promise<AskedQuestion> =>
  askQuestion((request) => answer(queries, request, { db: seeded.store.db, now: NOW, plan }), question, NOW)

test('every intent has somebody who answers it, and nobody answers what cannot be asked', () => {
  expect(Object.keys(ANSWERERS).sort()).toEqual(INTENTS.map(({ id }) => id).sort())
})

describe.each(INTENTS.map((intent) => [intent.id, intent] as const))('%s', (id, intent) => {
  test('its own example is read as it, answered, and every command can be pasted', async () => {
    const said = await ask(intent.example)
    expect(said).toMatchObject({ understood: true, intent: id, notes: [] })
    expect(said.asked.length).toBeGreaterThan(0)
    expect(said.answer).not.toBe('')
    for (const { command } of said.commands) expect([command, await refusalOf(command)]).toEqual([command, null])
  })
})

test('a machine with a full disk says so first, with evidence', async () => {
  const said = await ask('Why is BORG so slow today?')
  expect(said.answer).toBe('borg: /data 97 % full')
  expect(said.evidence).toContainEqual({ text: 'disk: /data 97 % full', from: 'machine' })
  expect(said.asked.map(({ topic }) => topic)).toEqual(['machine', 'events'])
})

test('a machine never reached is not called slow', async () => {
  expect((await ask('why is coyote slow')).answer).toBe('coyote was never reached: connection refused')
})

test('who needs me: the agent that waits, and the command to look at it', async () => {
  const said = await ask('who needs me?')
  expect(said.answer).toBe('1 of 2 agents wait')
  expect(said.commands).toEqual([
    { command: 'vc explain atlas/claude-7k2m', reason: 'needs_approval, the longest first' },
  ])
})

test('an agent by its short name', async () => {
  const said = await ask('why is claude-7k2m stuck?')
  expect(said.answer).toMatch(/^atlas\/claude-7k2m is needs_approval: permission prompt, since 2026-11-20/)
})

test('a misspelt name is asked back, never guessed', async () => {
  const said = await ask('why is borgg slow?')
  expect(said).toMatchObject({ understood: false, intent: 'machine_slow', asked: [] })
  expect(said.answer).toContain('did you mean the machine borg?')
  expect((await ask('what does atlass cost')).answer).toContain('did you mean the machine atlas?')
})

test('a thing that must be named and is not, is asked for', async () => {
  expect((await ask('why is it so slow?')).answer).toBe('which machine? (machines: coyote, borg, atlas)')
})

test('what is not understood is said, with what is', async () => {
  const said = await ask('sing me a song')
  expect(said).toMatchObject({ understood: false, intent: null, evidence: [], commands: [] })
  expect(said.can_ask.length).toBe(INTENTS.length)
})

test('words that were not used are named', async () => {
  expect((await ask('what did the purple elephants cost')).notes).toEqual(['not taken into account: purple, elephants'])
})

test('a cost of one agent is its own line of the ledger, and nothing counted is not zero money', async () => {
  const said = await ask('what did ledger cost this week')
  expect(said.answer).toMatch(/^ledger: \$0\.01 for 2k tokens, 1k of them without a known price since 2026-11-13/)
  expect((await ask('what did borg cost yesterday')).answer).toMatch(/^borg: nothing was counted/)
})

test('a span with an end says both', async () => {
  const said = await ask('what did it cost on 2026-11-18')
  expect(said.answer).toMatch(/since 2026-11-18 00:00 UTC until 2026-11-19 00:00 UTC$/)
  expect(said).toMatchObject({ since: '2026-11-18T00:00:00.000Z', until: '2026-11-19T00:00:00.000Z' })
  for (const { command } of said.commands) expect([command, await refusalOf(command)]).toEqual([command, null])
})

test('a question that is turned around or of an odd time is refused with the way to write it, and asks nothing', async () => {
  const odd = await ask('what did it cost on 2026-13-45')
  expect(odd).toMatchObject({ understood: false, intent: 'cost', asked: [] })
  expect(odd.answer).toMatch(/^“2026-13-45” is no time that vc ask reads \(write for example: today/)
  expect((await ask('which repos are not dirty')).answer).toMatch(/^“not” turns the question around/)
})

test('each of several things has its own sum, and what is not summed by is named', async () => {
  const said = await ask('what did atlas and borg cost this week')
  expect(said.answer).toMatch(/^atlas: .*; borg: .* since 2026-11-13/)
  expect((await ask('what did ledger and claude cost this week')).notes).toEqual(['not taken into account: claude'])
})

test('what is asked of a machine is summed there, on each of several', async () => {
  const said = await ask('what did claude cost on atlas and borg this week')
  expect(said.answer).toMatch(
    /^claude on atlas: \$0\.01 for 2k tokens.*; claude on borg: nothing was counted since 2026/,
  )
  expect(said.evidence[0]?.text).toMatch(/^transcripts of \d of 2 machines/)
  expect(said.evidence.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^claude on atlas: \$0\.01/))
  expect(said.notes).toEqual([])
  expect((await ask('what did ledger cost on borg this week')).answer).toMatch(/^ledger on borg: nothing was counted/)
})

test('a CLI is its own line of the sums', async () => {
  expect((await ask('what did claude cost this week')).answer).toMatch(/^claude: .* since 2026-11-13/)
  expect((await ask('what did gemini cost this week')).answer).toMatch(/^gemini: nothing was counted/)
})

test('tokens without any price are no sum of money', async () => {
  const said = await ask('cost per model this week')
  expect(said.evidence.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/tokens, all without a known price$/),
  )
  expect(JSON.stringify(said.evidence)).not.toContain('$0.00')
})

test('what an account cost is found by its label, whatever the ledger calls it', async () => {
  const label = 'ops@example.org'
  const replies: Readonly<Record<string, unknown>> = {
    machines: { machines: [] },
    agents: { agents: [] },
    repos: { repos: [] },
    accounts: { accounts: [{ account: 'id-1', label, keys: ['id-1', 'hash-1'] }] },
    usage: {
      since: '2026-11-20T00:00:00.000Z',
      until: '2026-11-20T12:00:00.000Z',
      total: {},
      coverage: { machines: 1, machines_reporting: 1 },
      groups: [
        { key: 'id-1', label, total_tokens: 100, cost_microusd: 1_000_000, unpriced_tokens: 0 },
        { key: 'hash-1', total_tokens: 10, cost_microusd: 500_000, unpriced_tokens: 0 },
        { key: null, total_tokens: 7, cost_microusd: 7, unpriced_tokens: 0 },
      ],
    },
  }
  const said = await askQuestion(
    async ({ topic }) => ({ topic, version: 1, generatedAt: '', data: replies[topic] }),
    'what did ops@example.org cost today',
    NOW,
  )
  expect(said.answer).toBe('ops@example.org: $1.50 for 110 tokens since 2026-11-20 00:00 UTC')
  expect(said.evidence[1]?.text).toBe('ops@example.org: $1.00 for 100 tokens')
})

test('text that looks like SQL or shell stays a question', async () => {
  const said = await ask("why is atlas slow'; DROP TABLE machines; $(rm -rf /) \u001b[31m")
  expect(said).toMatchObject({ understood: true, intent: 'machine_slow' })
  expect(JSON.stringify(said.commands)).not.toMatch(/DROP|rm -rf/)
  expect(said.question).not.toContain('\u001b')
})

test('incidents are named with their likely cause, and how to see what happened', async () => {
  const open = {
    incident: 'i-20261120-1f93ba',
    title: 'borg / is full',
    status: 'open',
    opened_at: '2026-11-20T11:00:00Z',
  }
  const said = await askQuestion(
    async ({ topic, params }) =>
      topic === 'incidents'
        ? {
            topic,
            version: 1,
            generatedAt: '',
            data: {
              incidents: [
                { ...open, likely_cause: 'a runaway log' },
                { ...open, status: 'closed', likely_cause: null },
              ],
            },
          }
        : answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan }),
    'any open incidents?',
    NOW,
  )
  expect(said.answer).toMatch(/^1 incidents are not closed/)
  expect(said.evidence[0]?.text).toContain('borg / is full; likely: a runaway log')
  for (const { command } of said.commands) expect([command, await refusalOf(command)]).toEqual([command, null])
})

test('a machine nobody looks at is said to be that, and so is an agent on it', async () => {
  const { machines, ...rest } = plan
  const off = { ...rest, machines: machines.map((one) => ({ ...one, enabled: one.machineId !== 'atlas' })) }
  const ctx = { db: seeded.store.db, now: NOW, plan: off, inventoryOfPlan: true } as const
  const told = (question: string) => askQuestion((request) => answer(queries, request, ctx), question, NOW)
  for (const question of ['why is atlas slow?', 'why is atlas/claude-7k2m stuck?'])
    expect(await told(question)).toMatchObject({
      understood: false,
      answer: 'atlas is disabled: nobody looks at it (vc machines enable atlas)',
    })
})

test('an agent that ended before thousands of others is still found by its name', async () => {
  await seeded.store.db.rows(
    `INSERT INTO agents (agent_id, machine_id, cli, kind, first_seen, ended)
     SELECT 'atlas/gemini-' || i, 'atlas', 'gemini', 'observed', e, e
     FROM (SELECT i, TIMESTAMP '2026-06-01' + to_minutes(i) AS e FROM range(10000, 12000) AS t(i))`,
  )
  let listed = 0
  const said = await askQuestion(
    async (request) => {
      const reply = await answer(queries, request, { db: seeded.store.db, now: NOW, plan })
      if (request.topic === 'agents') listed = Math.max(listed, (reply.data as { agents: unknown[] }).agents.length)
      return reply
    },
    'what is gemini-10000 doing?',
    NOW,
  )
  expect(said.named).toEqual([{ kind: 'agent', name: 'atlas/gemini-10000', word: 'gemini-10000' }])
  expect(listed).toBeLessThan(2000)
})
