// Names that nobody bears: an answer about them would look like one where nothing happens.
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type { AskRequest } from '../../src/core/carrier.ts'
import type { FleetPlan } from '../../src/core/plan.ts'
import { NAME_SETS } from '../../src/queries/asked-names.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, ownConfig, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const plan: FleetPlan = {
  machines: planOf(['atlas', 'borg']).machines.map((machine) => ({ ...machine, tags: ['builders'] })),
  ownRules: ['user:load-hot'],
}
const ask = (topic: string, params: AskRequest['params'] = {}) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan, ownConfig })

test.each([
  ['machines', { tag: 'builder' }, 'there is no tag “builder”; did you mean builders?'],
  ['alerts', { rule: 'disk_lo' }, 'there is no rule “disk_lo”; did you mean disk_low?'],
  ['alerts', { rule: 'user:load-hto' }, 'there is no rule “user:load-hto”; did you mean user:load-hot?'],
  ['engine', { role: 'codr' }, 'there is no role “codr”; did you mean coder?'],
  ['config', { section: 'poling' }, 'there is no section “poling”; did you mean polling?'],
])('%s of %o is refused with the nearest name', async (topic, params, message) => {
  await expect(ask(topic, params)).rejects.toMatchObject({ exitCode: 2, message })
})

test.each([
  ['machines', { tag: 'builders' }],
  ['alerts', { rule: 'disk_low' }],
  ['alerts', { rule: 'user:load-hot' }],
  ['engine', { role: 'polecat' }],
  ['config', { section: 'poll' }],
  ['config', { section: '[polling]' }],
  ['network', { provider: 'unknown' }],
  ['beads', { status: 'blocked' }],
  ['missions', { type: 'coding' }],
])('%s of %o is answered without a word', async (topic, params) => {
  const { warnings = [] } = await ask(topic, params)
  expect(warnings.filter((said) => said.startsWith('unknown_'))).toEqual([])
})

test.each([
  ['accounts', { provider: 'anthropc' }, 'provider', 'did you mean anthropic?'],
  ['forecast', { provider: 'anthropc' }, 'provider', 'did you mean anthropic?'],
  ['network', { provider: 'unknwon' }, 'provider', 'did you mean unknown?'],
  ['beads', { repo: 'nope' }, 'project', 'projects: none'],
  ['beads', { status: 'blokced' }, 'status', 'did you mean blocked?'],
  ['mail', { project: 'nope' }, 'project', 'projects: none'],
  ['dna', { project: '/srv/nope' }, 'project', expect.any(String)],
  ['missions', { type: 'codign' }, 'type', 'did you mean coding?'],
  ['missions', { role: 'codr' }, 'role', 'did you mean coder?'],
  ['missions', { convoy: 'c-99' }, 'convoy', 'convoys: none'],
])('%s of %o says that nobody ever met it', async (topic, params, what, fix) => {
  const { warnings = [] } = await ask(topic, params)
  const [asked] = Object.values(params)
  const said = warnings.find((one) => one.startsWith(`unknown_${what}: `))
  expect(said).toContain(`nothing was ever seen of a ${what} “${asked}”`)
  if (typeof fix === 'string') expect(said).toContain(`(${fix})`)
})

test('an agent may be named by its beginning wherever one is meant, and one that never was is told', async () => {
  const { agents } = (await ask('agents', { all: true })).data as { agents: { agent: string }[] }
  const whole = agents[0]?.agent ?? ''
  const near = `${whole.slice(whole.indexOf('/') + 1)}x`
  for (const topic of ['audit', 'missions', 'engine']) {
    expect((await ask(topic, { agent: whole.slice(0, -1) })).warnings ?? []).toEqual([])
    expect((await ask(topic, { agent: near })).warnings).toEqual([
      `unknown_agent: nothing was ever seen of an agent “${near}” (did you mean ${near.slice(0, -1)}?)`,
    ])
  }
})

test('a filter that leaves nothing is no reason to say that nothing was ever seen', async () => {
  expect((await ask('agents', { machine: 'borg' })).warnings).toEqual([
    'no_agents: no agent has been seen on borg yet (start one, or see vc doctor for what vc cannot see)',
  ])
  expect((await ask('agents', { machine: 'atlas' })).warnings).toBeUndefined()
})

// Texts that name nothing that could be known: times, beginnings of ids that the topic itself refuses, free words.
const NO_NAMES =
  /\.(?:at|since|until|from|to|window|machine|id)$|^alerts\.alert$|^events\.type$|^search\.kind$|^collectors\.collector$|^scrapes\.source$|^usage\.key$/

test('every text that a question takes is known as a name of something, or as none', () => {
  const texts = queries.flatMap(({ name, params }) =>
    params instanceof z.ZodObject
      ? Object.entries(params.shape as Record<string, z.ZodType>)
          .filter(([, type]) => type.safeParse('no such thing').success)
          .map(([key]) => `${name}.${key}`)
      : [],
  )
  expect(texts.filter((text) => !NO_NAMES.test(text)).sort()).toEqual(Object.keys(NAME_SETS).sort())
})
