import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { copyDatabase } from '../../src/store/copy-database.ts'
import type { Engine } from '../../src/store/engine.ts'
import { fullAfterAll } from '../../src/store/space.ts'
import { openWriter } from '../../src/store/writer.ts'
import { at, runOf, sys, tempStore } from './support.ts'

const refusing = (says: string): Engine =>
  ({
    generation: 0,
    writer: new Proxy({}, { get: () => async () => Promise.reject(new Error(says)) }),
  }) as unknown as Engine

const outcomesOf = async (says: string) => {
  const { catalog } = await tempStore()
  const writer = openWriter({
    engine: refusing(says),
    catalog,
    log: silentLog,
    now: () => at(0),
    windowMs: 60_000,
    patienceMs: 60_000,
    lackOfSpace: async () => null,
    lackForUrgent: async () => null,
    fullAfterAll: (error) => fullAfterAll(error, async () => 5000, 10),
    revive: async () => true,
    onBroken: () => undefined,
    onChanged: () => undefined,
    exclusive: (job) => job(),
  })
  const waiting = [0, 30].map((s) => writer.append(runOf([{ table: 'sys_samples', rows: [sys(s)] }]), true))
  await writer.flush()
  return Promise.all(waiting)
}

// A quota refuses while the disk still names free bytes; somebody may fill the last of them between the look and the write.
test.each([
  'IO Error: Could not write file "/data/vc.duckdb.wal": No space left on device',
  'FATAL Error: Failed to create checkpoint because of error: Disk quota exceeded',
])('a write that finds no room is refused as a full disk, which raises the alert: %s', async (says) => {
  const full = {
    ok: false,
    fault: 'persist_failed',
    detail: expect.stringMatching(/^disk_full: 5000 bytes free, 10 are/),
  }
  expect(await outcomesOf(says)).toEqual([full, full])
})

test('any other error of a write is told as it is', async () => {
  const told = { ok: false, detail: expect.stringContaining('something else') }
  expect(await outcomesOf('Constraint Error: something else')).toMatchObject([told, told])
})

test('a copy that finds no room is a full disk with a way out, not a fault to be reported', async () => {
  const says = 'IO Error: Cannot open file "/srv/vc/backups/a.duckdb.tmp": No space left on device'
  const writer = {
    runAndReadAll: async () => ({ getRows: () => [['vc']] }),
    run: async () => Promise.reject(new Error(says)),
  }
  const engine = { writer } as unknown as Engine
  await expect(copyDatabase(engine, '/srv/vc', 'backups', 'a.duckdb.tmp')).rejects.toMatchObject({
    code: 'disk_full',
    message: expect.stringContaining('/srv/vc/backups/a.duckdb.tmp cannot be used'),
    fix: expect.stringContaining('df -i'),
  })
})
