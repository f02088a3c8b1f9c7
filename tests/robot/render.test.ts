import { decode } from '@toon-format/toon'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import type { Reply } from '../../src/core/carrier.ts'
import { usageError } from '../../src/core/errors.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { robotAnswer } from '../../src/robot/answer.ts'
import { brief } from '../../src/robot/brief.ts'
import { guide, robotDocs } from '../../src/robot/docs.ts'
import { envelopeOf } from '../../src/robot/envelope.ts'
import { isStale, render } from '../../src/robot/render.ts'
import { NOW, planOf, run, sample, seededStore } from '../queries/seeded-store.ts'

const IDS = ['atlas', 'borg', 'coyote', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliett']
let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore(IDS)
})
afterAll(() => seeded.close())

const ask = (topic: string) =>
  answer(queries, { topic, params: {} }, { db: seeded.store.db, now: NOW, plan: planOf(IDS) })

// Four characters a token is the usual rule of thumb; digits and punctuation are denser.
const tokens = (text: string): number => Math.ceil(text.length / 3.3)

/** Machines as they are in earnest: 29 sources answer, one machine does not, and no figure is a round one. */
const crowded = async (topic: string): Promise<Reply> => {
  const { store, close } = await seededStore(IDS)
  for (const [n, id] of IDS.entries()) {
    const probe = sample({ cpu_pct: 10.3 + n * 7.17, mem_used_bytes: 3_142_938_734 * (n + 1), load5: 1.03 + n * 0.57 })
    if (id !== 'coyote') await store.append(run(id, 'probe', 1, [{ table: 'sys_samples', rows: [probe] }]))
  }
  const at = new Date(NOW.getTime() + 137)
  const reply = await answer(queries, { topic, params: {} }, { db: store.db, now: at, plan: planOf(IDS) })
  await close()
  const live = collectors.slice(0, 29).map(({ name }, n) => [name, 3 + n * 7] as const)
  return { ...reply, staleness: Object.fromEntries(live) }
}

test.each(['health', 'status'])('%s of ten machines stays inside its budgets', async (topic) => {
  const reply = await crowded(topic)
  expect(render(reply, 'json').length).toBeLessThan(15_000)
  expect(Buffer.byteLength(brief(reply))).toBeLessThan(1_024)
  expect(tokens(render(reply, 'toon'))).toBeLessThanOrEqual(485)
})

const unfold = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unfold)
  if (typeof value !== 'object' || value === null) return value
  const out: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(value)) {
    const [head = '', tail] = key.split('.')
    if (/(?:\[\]|\{\})$/.test(key)) out[key.slice(0, -2)] = part === null ? null : JSON.parse(String(part))
    else if (tail === undefined) out[head] = unfold(part)
    else out[head] = { ...(out[head] as object), [tail]: part }
  }
  return out
}

// A dotted column says null where a row has no such record.
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).map(([key, part]) => [key, withoutNulls(part)] as const)
  return Object.fromEntries(
    kept.filter(([, part]) => part !== null && !(typeof part === 'object' && Object.keys(part).length === 0)),
  )
}

const TABLES = [
  'status',
  'machines',
  'triage',
  'scrapes',
  'collectors',
  'repos',
  'accounts',
  'forecast',
  'events',
  'alerts',
]
test.each(TABLES)('%s as TOON says what the JSON says, in fewer characters', async (topic) => {
  const reply = await ask(topic)
  expect(render(reply, 'toon').length).toBeLessThan(render(reply, 'json').length)
  const decoded = unfold(decode(render(reply, 'toon')))
  expect(withoutNulls(decoded)).toEqual(withoutNulls(JSON.parse(JSON.stringify(envelopeOf(reply)))))
})

test('brief keeps ids whole, escapes its separators and always says how old the oldest source is', () => {
  const reply = {
    topic: 'health',
    version: 1,
    generatedAt: NOW.toISOString(),
    data: {
      machines: [{ id: 'a|b:c,d', status: 'online', score: 0.5, agent_count: 1 }],
      alerts_by_severity: { critical: 0, warning: 0, info: 0 },
    },
    staleness: { probe: 4, git: 200 },
  }
  expect(brief(reply)).toBe('F:1on|a%7Cb%3Ac%2Cd:on,h50,1ag|AL:[crit0,warn0,info0]|AGE:200s')
})

const reply = (more: object) => ({
  topic: 'x',
  version: 1,
  generatedAt: NOW.toISOString(),
  data: { rows: [] },
  ...more,
})

test('brief tells an age that is not known from an answer that rests on no source', () => {
  expect(brief(reply({ staleness: {} }))).toBe('x|rows:0|AGE:?')
  expect(brief(reply({}))).toBe('x|rows:0|AGE:-')
})

test('a machine is one piece of the line, alone with its filesystems and agents', async () => {
  expect(brief(await ask('machines'))).toMatch(
    /^F:1unk9on\|coyote:unk,h0,0ag\|borg:on,h43,0ag,cpu13,mem25,disk97,5s\|atlas:on,h100,2ag,.*\|AGE:\d+s$/,
  )
  const one = await answer(queries, { topic: 'machine', params: { id: 'atlas' } }, { db: seeded.store.db, now: NOW, plan: planOf(IDS) }) // biome-ignore format: a question
  expect(brief(one)).toBe(
    'atlas:on,h100,2ag,cpu13,mem25,disk40,4s|FS:[/:40,/data:20]|AG:[atlas/claude-7k2m:needs_approval,atlas/codex-abcd:working]|AGE:6s',
  )
})

test('topics of vc itself rest on no source; of the others the age is known as soon as one has answered', async () => {
  const ages = await Promise.all(['events', 'audit', 'builds', 'scrapes'].map(async (topic) => brief(await ask(topic))))
  expect(ages.map((line) => line.split('|AGE:')[1])).toEqual(['-', '-', '?', expect.stringMatching(/^\d+s$/)])
})

test('what is lacking is said as codes, and machines nobody has looked at are not none', () => {
  const data = { machines: [], alerts_by_severity: { critical: 0, warning: 0, info: 0 } }
  const warnings = [
    'not_looked_yet: nothing has looked yet at atlas (vc collect)',
    'embedded: no daemon is running: this is what the file holds (vc daemon)',
    'embedded: said twice (once)',
  ]
  expect(brief(reply({ topic: 'health', staleness: {}, data, warnings }))).toBe(
    'F:?|AL:[crit0,warn0,info0]|W:[not_looked_yet,embedded]|AGE:?',
  )
  const none = ['no_machines: no machine is configured or enabled (vc machines add)']
  expect(brief(reply({ topic: 'health', staleness: {}, data, warnings: none }))).toMatch(/^F:0\|/)
})

test('of any other topic brief tells the figures, and of lists how long they are', async () => {
  expect(brief(await ask('agents'))).toMatch(
    /^agents\|agents:2\|total:2\|by_state:\[needs_approval1,working1\]\|W:\[never_reached\]\|AGE:\d+s$/,
  )
})

test('an unreachable machine makes an answer stale, for those who require it fresh', async () => {
  expect(isStale(await ask('health'))).toBe(true)
})

test('the guide teaches the whole surface in under 1,000 tokens', () => {
  const text = guide(queries)
  for (const query of queries) expect(text).toContain(query.name)
  expect(tokens(text)).toBeLessThan(1_000)
})

test('a line of the guide ends before a side clause, and says something without it', () => {
  const line = (topic: string) =>
    guide(queries)
      .split('\n')
      .find((text) => text.startsWith(`- ${topic} `))
  expect(line('dna')).toBe('- dna (id kind cli project): How agents and their kinds work')
})

test('a slip in require-fresh is refused: taken for no, a stale answer would pass as fresh', async () => {
  const asked = (value: unknown) => robotAnswer(({ topic }) => ask(topic), 'health', 'json', { 'require-fresh': value })
  await expect(asked('yes please')).rejects.toMatchObject({
    exitCode: 2,
    message: 'require-fresh is true or false, not “yes please”',
  })
  expect([(await asked('true')).exit, (await asked('false')).exit]).toEqual([3, 0])
})

test('of what is configured and not looked at nothing is fresh, be it missed in an answer or asked for by its name', async () => {
  const strict = { 'require-fresh': 'true' }
  const reply: Reply = { topic: 'usage', version: 1, generatedAt: '', data: {} }
  const lacking = { ...reply, notLoaded: ['atlas'] }
  expect((await robotAnswer(async () => lacking, 'usage', 'json', strict)).exit).toBe(3)
  const unseen = { ...reply, warnings: ['first_look: no look has ended yet at atlas (ask again)'] }
  expect((await robotAnswer(async () => unseen, 'agents', 'json', strict)).exit).toBe(3)
  const refused = async () => {
    throw usageError('machine_not_loaded', 'nothing looks at atlas yet', 'vc config reload')
  }
  await expect(robotAnswer(refused, 'machine', 'json', strict)).rejects.toMatchObject({ exitCode: 3 })
  await expect(robotAnswer(refused, 'machine', 'json', {})).rejects.toMatchObject({ exitCode: 2 })
})

test('brief keeps an id whole however long it is, and cuts a sentence', () => {
  const agent = `${'build-farm-in-the-far-north'.repeat(3)}/claude-7k2m`
  const line = brief({ topic: 'x', version: 1, generatedAt: '', data: { agent, says: 'word '.repeat(30) } })
  expect(line).toContain(`agent:${agent}|`)
  expect(line.length).toBeLessThan(agent.length + 160)
})

test('robot-docs about one topic tells that one alone, on every page that has topics', () => {
  expect(robotDocs(queries, 'topics', 'health')).toMatch(
    /^health\t[^\n]*\n {2}--at <text> {2}[^\n]*\n {2}--machine <text> {2}comma-separated machine ids$/,
  )
  expect(robotDocs(queries, 'examples', 'health')).toBe('vc robot health --json')
  for (const page of ['schemas', 'topics', 'examples'])
    expect(() => robotDocs(queries, page, 'helth')).toThrow("no topic 'helth'; did you mean health?")
  expect(() => robotDocs(queries, 'guide', 'health')).toThrow('the guide is about all topics')
  const fix = (page: string): unknown => {
    try {
      return robotDocs(queries, page)
    } catch (error) {
      return (error as { fix?: unknown }).fix
    }
  }
  expect(fix('topcs')).toBe("did you mean 'topics'? pages: schemas, examples, topics, guide")
  expect(fix('usage')).toBe('it is a topic: vc robot-docs topics usage; pages: schemas, examples, topics, guide')
  expect(fix('frobnicate')).toBe('pages: schemas, examples, topics, guide')
})

test('the page of one topic says what each of its parameters takes, and what it is without', () => {
  const usage = robotDocs(queries, 'topics', 'usage')
  expect(usage).toMatch(/^ {2}--by hour\|day\|weekday_hour\|model\|[a-z|]* {2}.*; default model$/m)
  expect(robotDocs(queries, 'topics', 'machine')).toContain('\n  --id <text>  machine id; needed\n')
  expect(robotDocs(queries, 'topics', 'repos')).toContain('\n  --dirty  only dirty ones')
  for (const { name } of queries) expect(robotDocs(queries, 'topics', name)).toMatch(new RegExp(`^${name}\\t`))
})

test('an example names a machine and an agent that are there, else where their ids are told', () => {
  const known = { machine: 'borg', agent: 'borg/claude-7k2m' }
  expect(robotDocs(queries, 'examples', 'machine', known)).toBe('vc robot machine borg --json')
  expect(robotDocs(queries, 'examples', 'explain', known)).toBe('vc robot explain borg/claude-7k2m --json')
  expect(robotDocs(queries, 'examples', 'machine')).toMatch(/ {3}# ids: vc robot machines$/)
})
