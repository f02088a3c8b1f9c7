import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { openStore } from '../../src/store/index.ts'
import { vc } from './fake-cli.ts'
import { newHome } from './fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(async () => {
  home = newHome()
  await (await openStore({ dataDir: join(home.home, '.local/share/vc') })).close()
  home.configure('[retention]\narchive = true\n')
})
afterEach(() => home.leave())

/** With a plan of so many days; the store itself is a new one, in which there is nothing to put away. */
const vacuum = (days: number) =>
  vc(['vacuum'], {
    ...home.parts,
    openReader: async () => ({
      carrier: 'socket' as const,
      ask: async ({ topic }: AskRequest) => {
        const plan = Array.from({ length: days }, () => ({ table: 'scrapes', day: '2026-01-02', rows: 7 }))
        return { topic, version: 1, generatedAt: '', data: { plan } }
      },
      close: async () => undefined,
    }),
  })

test('a first vacuum of many days says how much it is before it begins; one of a night says nothing', async () => {
  expect(await vacuum(300)).toMatchObject({
    err: expect.stringContaining('300 closed days with 2100 rows are put away one after another, which takes minutes'),
    out: expect.stringContaining('sealed 0 days'),
  })
  expect(await vacuum(20)).toMatchObject({ err: '' })
})
