import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendAll, at, runOf, sys, tempDir, tempStore } from './support.ts'

const look = fc.record({
  machine: fc.constantFrom('atlas', 'beta'),
  source: fc.constantFrom('probe', 'other'),
  minute: fc.integer({ min: 0, max: 6 }),
  up: fc.boolean(),
})
type Look = { machine: string; source: string; minute: number; up: boolean }

const mounts = (minute: number) => ['/', '/home', '/'].map((mount) => ({ mount, used_bytes: minute }))

const runAt = ({ machine, source, minute, up }: Look) =>
  runOf(
    [
      { table: 'sys_samples', rows: [sys(minute * 60)] },
      { table: 'sys_filesystems', rows: mounts(minute) },
    ],
    { machineId: machine, collector: source, startedAt: at(minute * 60), up, fault: up ? null : 'timeout' },
  )

/** What must stand: each key once whoever saw it, one scrape per run, and of each pair its newest look. */
const expected = (looks: readonly Look[]) => {
  const pair = ({ machine, source }: Look) => `${machine} ${source}`
  const newest = new Map<string, number>()
  for (const one of looks) newest.set(pair(one), Math.max(newest.get(pair(one)) ?? 0, one.minute))
  const samples = new Set(looks.map(({ machine, minute }) => `${machine} ${minute}`))
  return {
    samples: [...samples].sort(),
    filesystems: samples.size * 2,
    scrapes: [...new Set(looks.map((one) => `${pair(one)} ${one.minute}`))].sort(),
    newest: [...newest].map(([key, minute]) => `${key} ${minute}`).sort(),
  }
}

test('however runs come (late, again, in groups, after a restart), each fact stands once and the newest look stays', {
  timeout: 120_000,
}, async () => {
  const dataDir = tempDir()
  let store = await tempStore({ dataDir })
  let base = 0
  const words = async (sql: string): Promise<readonly string[]> =>
    (await store.db.rows<{ word: string }>(sql)).map(({ word }) => word).sort()
  const minute = `(epoch_ms(collected_at) - ${at(0).getTime()}) // 60000`
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(look, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      fc.nat(4),
      async (drawn, restart) => {
        // Each story is later than the one before: the writer remembers how new what it wrote was.
        base += 10
        const groups = drawn.map((group) => group.map((one) => ({ ...one, minute: base + one.minute })))
        for (const name of ['sys_samples', 'sys_filesystems', 'scrapes']) {
          for (const table of [name, `latest_${name}`]) await store.db.rows(`DELETE FROM ${table}`)
        }
        // The writer remembers what it wrote: what was deleted behind its back it learns by opening the file anew.
        await store.close()
        store = await tempStore({ dataDir })
        for (const [index, group] of groups.entries()) {
          await appendAll(store, ...group.map(runAt))
          if (index === restart) {
            await store.close()
            store = await tempStore({ dataDir })
          }
        }
        const [filesystems] = await store.db.rows<{ n: number }>('SELECT count(*) AS n FROM sys_filesystems')
        expect({
          samples: await words(`SELECT machine_id || ' ' || ${minute} AS word FROM sys_samples`),
          filesystems: filesystems?.n,
          scrapes: await words(`SELECT machine_id || ' ' || source || ' ' || ${minute} AS word FROM scrapes`),
          newest: await words(`SELECT machine_id || ' ' || source || ' ' || ${minute} AS word FROM latest_scrapes`),
        }).toEqual(expected(groups.flat()))
      },
    ),
    { numRuns: Number(process.env.VC_PROPERTY_RUNS ?? 15) },
  )
})
