import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openStore } from '../../../src/store/index.ts'
import { fixture, look, oneTown, TOWN } from './towns.ts'

const dir = mkdtempSync(join(tmpdir(), 'vcg-'))
afterAll(() => rmSync(dir, { recursive: true }))

test('the rows really commit, and the same look twice changes nothing but its sample of now', async () => {
  const store = await openStore({ dataDir: join(dir, 'data') })
  const append = async (at: string) => {
    const result = await look(oneTown({ 'mq.1': fixture('mq-list.json') }), {
      events: Buffer.from(fixture('events.jsonl')),
      cursors: new Map([[`town:${TOWN}`, { queues: ['greenplace'], turn: at.endsWith('05Z') ? 0 : 1, feed: null }]]),
    })
    return store.append({
      ...{
        machineId: 'atlas',
        collector: 'gastown',
        sourceVersion: '1.0.1',
        schemaVersion: 1,
        startedAt: new Date(at),
      },
      ...{ durationMs: 5, up: true, fault: null, detail: null, partial: false, bytes: 1, cpuMs: 1, warnings: [] },
      batches: result.batches,
      cursors: result.cursors ?? [],
    })
  }
  expect(await append('2026-08-23T10:00:05Z')).toMatchObject({ ok: true })
  expect(await append('2026-08-23T10:00:06Z')).toMatchObject({ ok: true, inserted: 1 })
  expect(await append('2026-08-23T10:00:07Z')).toMatchObject({ ok: true, inserted: 0 })
  const count = (table: string) => `(SELECT count(*) FROM ${table})::INTEGER AS ${table}`
  const tables = [
    'latest_gastown_agents',
    'gastown_agents',
    'gastown_events',
    'latest_gastown_convoys',
    'latest_gastown_merge_requests',
  ]
  expect(await store.db.rows(`SELECT ${tables.map(count).join(', ')}`)).toEqual([
    {
      latest_gastown_agents: 5,
      gastown_agents: 5,
      gastown_events: 6,
      latest_gastown_convoys: 2,
      latest_gastown_merge_requests: 1,
    },
  ])
  await store.close()
})
