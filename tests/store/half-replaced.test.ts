import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { undoHalfReplaced } from '../../src/store/half-replaced.ts'
import { openStore } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

const STAMP = '20260301T031700Z'

/** A database with a log, as text: nobody opens it here. */
const place = () => {
  const dataDir = tempDir()
  const dbPath = join(dataDir, 'vc.duckdb')
  writeFileSync(dbPath, 'old')
  writeFileSync(`${dbPath}.wal`, 'its log')
  return { dataDir, dbPath, before: readdirSync(dataDir) }
}

const oldIsBack = ({ dataDir, dbPath, before }: ReturnType<typeof place>): void => {
  expect(readdirSync(dataDir)).toEqual(before)
  expect([readFileSync(dbPath, 'utf8'), readFileSync(`${dbPath}.wal`, 'utf8')]).toEqual(['old', 'its log'])
}

const FRESH: Record<string, readonly string[]> = {
  rescue: [`.rescued-${STAMP}`, `.damaged-${STAMP}`, `.wal.damaged-${STAMP}`],
  'rescue from bad tables': [`.rescued-${STAMP}`, `.damaged-${STAMP}`, `.damaged-${STAMP}.wal`],
  restore: [`.restoring-${STAMP}`, `.replaced-${STAMP}`, `.replaced-${STAMP}.wal`],
}

test.each(Object.entries(FRESH))(
  'a %s that was killed at any step gives the old file its log back',
  async (_, names) => {
    const [fresh = '', aside = '', log = ''] = names
    const steps = [
      ({ dbPath }: ReturnType<typeof place>) => writeFileSync(`${dbPath}${fresh}.part`, 'half'),
      ({ dbPath }: ReturnType<typeof place>) => renameSync(`${dbPath}${fresh}.part`, `${dbPath}${fresh}`),
      ({ dbPath }: ReturnType<typeof place>) => renameSync(`${dbPath}.wal`, `${dbPath}${log}`),
      ({ dbPath }: ReturnType<typeof place>) => linkSync(dbPath, `${dbPath}${aside}`),
    ]
    for (let done = 1; done <= steps.length; done++) {
      const at = place()
      for (const step of steps.slice(0, done)) step(at)
      await undoHalfReplaced(at.dataDir, at.dbPath)
      oldIsBack(at)
    }
    const moved = place()
    for (const step of steps.slice(0, 3)) step(moved)
    renameSync(moved.dbPath, `${moved.dbPath}${aside}`)
    await undoHalfReplaced(moved.dataDir, moved.dbPath)
    oldIsBack(moved)
  },
)

test('what an older rescue and restore kept stays, and so do files of other names', async () => {
  const at = place()
  const kept = [
    '.damaged-20260101T000000Z',
    '.replaced-20260101T000000Z.wal',
    '.rescued-by-hand',
    `x.restoring-${STAMP}`,
  ]
  for (const name of kept) writeFileSync(`${at.dbPath}${name}`, name)
  mkdirSync(join(at.dataDir, `rescue-${STAMP}`))
  const before = readdirSync(at.dataDir)
  await undoHalfReplaced(at.dataDir, at.dbPath)
  expect(readdirSync(at.dataDir)).toEqual(before)
})

test('the Parquet of a killed rescue goes with the next opening; that of one that came through keeps its name', async () => {
  const dataDir = tempDir()
  await (await openStore({ dataDir, minFreeBytes: 0 })).close()
  for (const stamp of [STAMP, '20260302T031700Z']) {
    mkdirSync(join(dataDir, `rescue-${stamp}.part`))
    writeFileSync(join(dataDir, `rescue-${stamp}.part`, 'scrapes.parquet'), '')
  }
  writeFileSync(join(dataDir, `vc.duckdb.damaged-20260302T031700Z`), '')
  await (await openStore({ dataDir, minFreeBytes: 0 })).close()
  expect(readdirSync(dataDir).filter((name) => name.startsWith('rescue'))).toEqual(['rescue-20260302T031700Z'])
  expect(existsSync(join(dataDir, 'rescue-20260302T031700Z', 'scrapes.parquet'))).toBe(true)
})
