import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { acquireLock, lockIsFree, openStore, readLock } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

const disk = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const noRoom = async (): Promise<never> => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  return {
    ...real,
    // What is new finds no room; what has its block already is written.
    open: async (...given: Parameters<typeof real.open>) => {
      const file = await real.open(...given)
      if (disk.full && given[1] === 'wx') file.writeFile = noRoom
      return file
    },
    writeFile: (...given: Parameters<typeof real.writeFile>) => (disk.full ? noRoom() : real.writeFile(...given)),
  }
})

const usedBefore = async (): Promise<string> => {
  disk.full = false
  const dir = tempDir()
  mkdirSync(join(dir, 'tmp'))
  await (await acquireLock(dir)).release()
  disk.full = true
  return dir
}

test('on a full disk the lock is taken with the room that was kept for it, again and again', async () => {
  const dir = await usedBefore()
  expect(readdirSync(join(dir, 'tmp'))).toEqual(['lock.room'])
  for (const _ of [1, 2]) {
    const lock = await acquireLock(dir)
    expect(readdirSync(join(dir, 'tmp'))).toEqual([])
    expect(JSON.parse(readFileSync(join(dir, 'vc.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'disk_full' })
    await lock.release()
    expect(await lockIsFree(dir)).toBe(true)
    expect(readdirSync(dir)).toEqual(['tmp'])
  }
})

test('on a full disk the lock of one that was killed is taken over', async () => {
  const dir = await usedBefore()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(join(dir, 'vc.lock'), JSON.stringify({ pid, start: 'x:1', at: '2026-01-01T00:00:00.000Z' }))
  const lock = await acquireLock(dir)
  expect(await readLock(dir)).toMatchObject({ pid: process.pid })
  expect(readdirSync(dir).sort()).toEqual(['tmp', 'vc.lock'])
  await lock.release()
})

test('room that was used is kept anew by the next store that opens where there is some', async () => {
  const dir = await usedBefore()
  const lock = await acquireLock(dir)
  const roomOf = () => readdirSync(join(dir, 'tmp'))
  expect(roomOf()).toEqual([])
  disk.full = false
  const store = await openStore({ dataDir: dir, lock })
  expect(roomOf()).toEqual(['lock.room'])
  await store.close()
  await lock.release()
  expect(roomOf()).toEqual(['lock.room'])
})

test('a folder in which vc never was has no room kept, and says what is missing', async () => {
  disk.full = true
  const dir = tempDir()
  await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'disk_full', fix: expect.stringContaining('df -h') })
  expect(readdirSync(dir)).toEqual([])
})
