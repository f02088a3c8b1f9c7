import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROLLUPS, selectRollup } from '../../src/store/write/rollups.ts'
import { appendAll, at, runOf, sys, tempStore } from './support.ts'

const sample = fc.record({
  machine: fc.constantFrom('atlas', 'beta'),
  minute: fc.integer({ min: 0, max: 200 }),
  cpu: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
  mem: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: null }),
})

test('a rollup always equals the group-by of the raw rows, late and repeated rows included', {
  timeout: 120_000,
}, async () => {
  const store = await tempStore()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(sample, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (groups) => {
        for (const table of ['sys_samples', 'sys_5m', 'sys_1h']) await store.db.rows(`DELETE FROM ${table}`)
        for (const group of groups) {
          await appendAll(
            store,
            ...group.map((one, index) =>
              runOf(
                [{ table: 'sys_samples', rows: [sys(one.minute * 60, { cpu_pct: one.cpu, mem_used_bytes: one.mem })] }],
                {
                  machineId: one.machine,
                  collector: `probe${index}`,
                  startedAt: at(one.minute * 60),
                },
              ),
            ),
          )
        }
        for (const rollup of ROLLUPS.filter(({ raw }) => raw === 'sys_samples')) {
          const order = 'ORDER BY bucket_at, machine_id'
          const expected = await store.db.rows(
            `SELECT * REPLACE (cpu_avg_pct::FLOAT AS cpu_avg_pct, load5_avg::FLOAT AS load5_avg) FROM (${selectRollup(rollup, 'true')}) ${order}`,
          )
          expect(await store.db.rows(`SELECT * FROM ${rollup.table} ${order}`)).toEqual(expected)
        }
      },
    ),
    { numRuns: Number(process.env.VC_PROPERTY_RUNS ?? 15) },
  )
})
