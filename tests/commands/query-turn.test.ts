import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openQuerySource } from '../../src/commands/query.ts'
import { acquireLock } from '../../src/store/lock.ts'

const placesIn = (): { dataDir: string; dbFile: string; socketFile: string } => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vc-turn-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const dbFile = join(dataDir, 'vc.duckdb')
  writeFileSync(dbFile, 'rows of somebody')
  return { dataDir, dbFile, socketFile: join(dataDir, 'vc.sock') }
}

test('a question waits for its turn while another command has the file for long', async () => {
  const places = placesIn()
  const lock = await acquireLock(places.dataDir)
  setTimeout(() => void lock.release(), 3_000)
  const source = await openQuerySource(places)
  expect(source).toMatchObject({ kind: 'live', dbPath: places.dbFile })
  await source.release()
})

test('it does not wait for ever', async () => {
  const places = placesIn()
  const lock = await acquireLock(places.dataDir)
  await expect(openQuerySource(places, 0)).rejects.toMatchObject({ code: 'store_locked' })
  await lock.release()
})
