import { expect, test } from 'vitest'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, run, seededStore } from './seeded-store.ts'

const sampled = (machineId: string, secondsAgo: number, cpuMs: number) => {
  const row = {
    ...{ pid: 7, uptime_s: 1, cpu_ms: cpuMs, children_cpu_ms: 0, rss_bytes: 5e7 },
    ...{ processes_started: 0, bytes_received: 0, ticks: 1, ticks_missed: 0 },
  }
  return run(machineId, 'self', secondsAgo, [{ table: 'self_samples', rows: [row] }])
}

test('vc itself is told by its newest sample, also after its machine got another name', async () => {
  const { store, close } = await seededStore()
  await store.append(sampled('atlas', 7200, 60_000))
  await store.append(sampled('borg', 30, 600))
  const reply = await answer(
    queries,
    { topic: 'doctor', params: {} },
    { db: store.db, now: NOW, plan: planOf(['borg']) },
  )
  const { findings } = reply.data as { readonly findings: readonly { readonly topic: string; readonly says: string }[] }
  const own = findings.filter(({ topic }) => topic === 'cost').map(({ says }) => says)
  expect(own).toEqual([expect.stringContaining('1.00 % of a core in the last minute')])
  await close()
})
