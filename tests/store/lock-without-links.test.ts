import { readdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { acquireLock, lockIsFree } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })
  },
}))

test('where files have one name only there is one owner all the same, and the next is refused', async () => {
  const dir = tempDir()
  const lock = await acquireLock(dir)
  await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'store_locked' })
  expect(await lockIsFree(dir)).toBe(false)
  await lock.release()
  expect(readdirSync(dir)).toEqual([])
  await (await acquireLock(dir)).release()
})
