import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { acquireLock, lockIsFree, openStore, processStart, readLock } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

const holder = (pid: number, start: string | null): string =>
  `${JSON.stringify({ pid, start, at: '2026-01-01T00:00:00.000Z' })}\n`

const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid as number
}

test('one process takes it, a second try names the pid and the way out', async () => {
  const dir = tempDir()
  const lock = await acquireLock(dir)
  await expect(acquireLock(dir)).rejects.toMatchObject({
    code: 'store_locked',
    message: expect.stringContaining(`process ${process.pid} has owned ${dir}`),
    fix: expect.stringContaining('vc daemon stop'),
  })
  expect(await readLock(dir)).toMatchObject({ pid: process.pid, start: await processStart(process.pid) })
  await lock.release()
  expect(await lockIsFree(dir)).toBe(true)
  expect(readdirSync(dir)).toEqual([])
})

test('a lock whose process is gone is taken over', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.lock'), holder(await deadPid(), 'x:1'))
  expect(await lockIsFree(dir)).toBe(true)
  const lock = await acquireLock(dir)
  expect(await readLock(dir)).toMatchObject({ pid: process.pid })
  await lock.release()
  expect(readdirSync(dir)).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a lock whose process ended, but was never fetched by its parent, is taken over',
  async () => {
    const dir = tempDir()
    // The shell starts a child and becomes a program that never asks after it.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const pid = Number(String((await once(parent.stdout, 'data'))[0]).trim())
      writeFileSync(join(dir, 'vc.lock'), holder(pid, await processStart(pid)))
      await vi.waitFor(async () => expect(await lockIsFree(dir)).toBe(true), { timeout: 10_000 })
      expect(process.kill(pid, 0)).toBe(true)
      await (await acquireLock(dir)).release()
    } finally {
      parent.kill('SIGKILL')
    }
  },
)

test('a lock whose pid now belongs to another process is taken over', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.lock'), holder(process.pid, 'another-boot:1'))
  const lock = await acquireLock(dir)
  await lock.release()
})

test('a live pid whose start is unknown keeps its lock', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.lock'), holder(process.pid, null))
  await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'store_locked' })
})

test.each(['', 'not json', '{"pid":"7"}', '{"pid":-1}'])(
  'a lock that names no process (%j) is refused, not removed',
  async (text) => {
    const dir = tempDir()
    writeFileSync(join(dir, 'vc.lock'), text)
    await expect(acquireLock(dir)).rejects.toMatchObject({
      code: 'store_locked',
      fix: `see that no vc runs (pgrep -af vc), then: rm ${join(dir, 'vc.lock')}`,
    })
    expect(await lockIsFree(dir)).toBe(false)
  },
)

test.each([1, 2, 3, 4, 5, 6, 7, 8])('many takers of one stale lock leave one owner, time %i', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.lock'), holder(await deadPid(), 'x:1'))
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(dir)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(readdirSync(dir)).toEqual(['vc.lock'])
})

test('a lock that died while it was taken over is taken over all the same', async () => {
  const dir = tempDir()
  const stale = holder(await deadPid(), 'x:1')
  writeFileSync(join(dir, 'vc.lock'), stale)
  const name = createHash('sha256').update(stale).digest('hex').slice(0, 16)
  writeFileSync(join(dir, `vc.lock.taken.${name}`), holder(await deadPid(), 'x:2'))
  await (await acquireLock(dir)).release()
  expect(readdirSync(dir)).toEqual([])
})

test('releasing does not remove a lock that somebody else has taken', async () => {
  const dir = tempDir()
  const lock = await acquireLock(dir)
  writeFileSync(join(dir, 'vc.lock'), holder(1, null))
  await lock.release()
  expect(await readLock(dir)).toMatchObject({ pid: 1 })
})

test('a store that does not open gives its lock back', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.duckdb'), 'this is no database, but it is long enough to look at')
  await expect(openStore({ dataDir: dir })).rejects.toMatchObject({ code: 'store_broken' })
  expect(await lockIsFree(dir)).toBe(true)
})

test('who comes to stay waits for who only looks, says so once, and takes over when it is done', async () => {
  const dir = tempDir()
  const looking = await acquireLock(dir)
  const told: number[] = []
  const staying = acquireLock(dir, {
    patienceMs: 60_000,
    onWait(pid) {
      told.push(pid)
      setTimeout(() => void looking.release(), 200)
    },
  })
  const lock = await staying
  expect(told).toEqual([process.pid])
  await lock.release()
})

test('patience ends with the same refusal, and is not spent on a lock that names nobody', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'vc.lock'), 'not json')
  await expect(acquireLock(dir, { patienceMs: 3_600_000 })).rejects.toMatchObject({ code: 'store_locked' })
  writeFileSync(join(dir, 'vc.lock'), holder(process.pid, null))
  await expect(acquireLock(dir, { patienceMs: 100 })).rejects.toMatchObject({ code: 'store_locked' })
})

// Not even root may make files there.
test.runIf(process.platform === 'linux')(
  'patience is not spent where the system refuses: nobody ends that',
  async () => {
    const hours = { patienceMs: 3_600_000 }
    await expect(acquireLock('/sys/kernel', hours)).rejects.toMatchObject({ code: 'no_access', exitCode: 2 })
  },
)

test('a lock without a name from before this boot was left by a power cut; one of today is refused', async () => {
  const dir = tempDir()
  const path = join(dir, 'vc.lock')
  writeFileSync(path, '')
  await expect(acquireLock(dir)).rejects.toMatchObject({ message: expect.stringContaining('names no process') })
  expect(await lockIsFree(dir)).toBe(false)
  const before = Date.now() / 1000 - uptime() - 3600
  utimesSync(path, before, before)
  expect(await lockIsFree(dir)).toBe(true)
  const lock = await acquireLock(dir)
  expect(await readLock(dir)).toMatchObject({ pid: process.pid })
  await lock.release()
})

test('a folder in the place of the lock is named', async () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'vc.lock'))
  await expect(acquireLock(dir)).rejects.toMatchObject({ code: 'unusable_lock', fix: expect.stringContaining('mv ') })
})
