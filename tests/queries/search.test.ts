import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

interface Hit {
  readonly kind: string
  readonly machine: string | null
  readonly subject: string
  readonly field: string
  readonly rank: number
  readonly leads_to: string
}

const ask = async (params: Record<string, unknown>): Promise<{ hits: Hit[]; more: boolean }> => {
  const context = { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) }
  return (await answer(queries, { topic: 'search', params }, context)).data as { hits: Hit[]; more: boolean }
}

test('one text over all kinds, the best match first, each with the command that shows more', async () => {
  const { hits, more } = await ask({ id: 'LEDGER' })
  expect(more).toBe(false)
  expect(hits.map((hit) => [hit.kind, hit.subject, hit.rank])).toContainEqual(['repo', '/home/dev/ledger', 0])
  expect(hits.find((hit) => hit.kind === 'agent')).toMatchObject({
    field: 'cwd',
    leads_to: expect.stringMatching(/^vc explain atlas\//),
  })
  expect(hits.map((hit) => hit.rank)).toEqual(hits.map((hit) => hit.rank).toSorted())
})

test('a machine is found by its beginning; kinds and machines narrow', async () => {
  expect((await ask({ id: 'bor', kind: 'machine' })).hits).toMatchObject([
    { subject: 'borg', rank: 1, leads_to: 'vc robot machine borg' },
  ])
  expect((await ask({ id: 'a', machine: 'borg' })).hits.every((hit) => hit.machine === 'borg')).toBe(true)
  expect((await ask({ id: 'disk', kind: 'alert,event' })).hits.map((hit) => hit.kind)).toContain('alert')
  expect(await ask({ id: 'a', limit: 1 })).toMatchObject({ hits: [{}], more: true })
})

test('what leads on can be pasted into a shell as it stands', async () => {
  const { hits } = await ask({ id: 'a' })
  for (const { leads_to } of hits) expect(leads_to).toMatch(/^vc (explain|robot) [\w@%+=:,./' -]+$/)
})

test('no text is a pattern or a piece of SQL', async () => {
  for (const id of ['%', '_', "'", '"; DROP TABLE machines; --', '.*', '\\', '$text'])
    expect((await ask({ id })).hits).toBeDefined()
  expect((await ask({ id: '3_0 %%' })).hits).toEqual([])
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
      async (id) => void (await ask({ id })),
    ),
    { numRuns: 20 },
  )
})

test('an empty text, an unknown kind and an unknown machine are usage errors', async () => {
  await expect(ask({ id: ' ' })).rejects.toMatchObject({ code: 'bad_text', exitCode: 2 })
  await expect(ask({ id: 'x', kind: 'agnet' })).rejects.toMatchObject({ fix: expect.stringContaining('agent') })
  await expect(ask({ id: 'x', machine: 'atlsa' })).rejects.toMatchObject({ code: 'unknown_machine' })
})
