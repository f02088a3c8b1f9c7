// An edit of vc.toml that a running daemon has not taken up: what it names is neither unknown nor unreached.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UnloadedConfig } from '../../src/core/unloaded-config.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

const unloaded: UnloadedConfig = {
  changed: 'vc.toml changed at 12:00, and is not loaded',
  difference: 'it adds new and switches off borg',
  machines: ['new', 'resting'],
  fix: 'vc config reload',
}
const { machines: planned } = planOf(['atlas', 'borg', 'coyote', 'resting'])
const plan = { machines: planned.map((one) => ({ ...one, enabled: one.machineId !== 'resting' })) }
const ask = (topic: string, params: Record<string, unknown> = {}) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan, unloaded: async () => unloaded })

test.each([
  ['machine', { id: 'new' }],
  ['machine', { id: 'resting' }],
  ['health', { machine: 'atlas,new' }],
  ['agents', { machine: 'new' }],
  ['doctor', { machine: 'new' }],
] as const)('%s %j: it is not loaded', async (topic, params) => {
  await expect(ask(topic, params)).rejects.toMatchObject({
    code: 'machine_not_loaded',
    exitCode: 2,
    message: expect.stringMatching(
      /^nothing looks at (new|resting) yet: vc\.toml changed at 12:00, and is not loaded$/,
    ),
    fix: 'vc config reload',
  })
})

test('a name that stands nowhere is unknown as before', async () => {
  await expect(ask('machine', { id: 'atls' })).rejects.toMatchObject({ code: 'unknown_machine' })
  await expect(ask('agents', { machine: 'atls' })).rejects.toMatchObject({ code: 'unknown_machine' })
})

test('the doctor names the edit and what it would change', async () => {
  const { findings } = (await ask('doctor')).data as { findings: readonly object[] }
  expect(findings).toContainEqual({
    level: 'warn',
    machine: null,
    topic: 'config',
    says: 'vc.toml changed at 12:00, and is not loaded: it adds new and switches off borg',
    fix: 'vc config reload',
  })
})
