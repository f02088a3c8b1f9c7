import { readdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { acquireLock, lockIsFree } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

const disk = vi.hoisted(() => ({ fails: '' }))
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  open: async (...given: Parameters<typeof import('node:fs/promises').open>) => {
    const file = await (await original<typeof import('node:fs/promises')>()).open(...given)
    if (disk.fails !== '' && new RegExp(disk.fails).test(String(given[0])))
      file.writeFile = async () => {
        throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
      }
    return file
  },
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

test.each(['lock$', 'lock[.]'])(
  'a disk that fails while a file like %s is written leaves no lock without a name',
  async (name) => {
    const dir = tempDir()
    disk.fails = name
    await expect(acquireLock(dir)).rejects.toThrow('EIO')
    expect(readdirSync(dir)).toEqual([])
    disk.fails = ''
    await (await acquireLock(dir)).release()
  },
)
