import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { byOwner } from '../../src/commands/by-owner.ts'
import { isStopped } from '../../src/commands/holder-words.ts'
import { openQuerySource } from '../../src/commands/query.ts'
import { refuseStopped } from '../../src/commands/store-holder.ts'

const LOCK = new URL('../../src/store/lock.ts', import.meta.url).href
const HOLD = `const { acquireLock } = await import(${JSON.stringify(LOCK)}); await acquireLock(process.argv[1]); console.log('held'); setInterval(() => {}, 60_000)`

/** A data folder whose lock somebody else has. */
const heldBySomebody = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vc-held-'))
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLD, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  })
  await once(child.stdout, 'data')
  const places = { dataDir, dbFile: join(dataDir, 'vc.duckdb'), socketFile: join(dataDir, 'vc.sock') }
  return { places, child, pid: child.pid ?? 0 }
}

test.runIf(process.platform === 'linux')(
  'what a stopped process has is refused at once, with how to let it go on, and nothing is sent to it',
  async () => {
    const { places, child, pid } = await heldBySomebody()
    await expect(refuseStopped(places.dataDir)).resolves.toBeUndefined()
    child.kill('SIGSTOP')
    await expect.poll(() => isStopped(pid)).toBe(true)
    const refused = { code: 'store_locked', exitCode: 124, fix: `let it go on: kill -CONT ${pid}` }
    const errand = { path: '/v1/x' as const, body: {}, timeoutMs: 60_000, here: async () => 'done' }
    const began = performance.now()
    await expect(refuseStopped(places.dataDir)).rejects.toMatchObject(refused)
    await expect(byOwner(places, errand)).rejects.toMatchObject(refused)
    await expect(openQuerySource(places)).rejects.toMatchObject(refused)
    expect(performance.now() - began).toBeLessThan(5_000)
  },
)

/** A daemon that takes a request in and then does something else than to answer. */
const listening = async (socketFile: string, taken: (socket: Socket) => void) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => taken(socket))
  }).listen(socketFile)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
}

const errandOf = (timeoutMs: number) => ({ path: '/v1/x' as const, body: {}, timeoutMs, here: async () => 'done' })

test('who hung up instead of an answer is told as such, and that what was asked may be done', async () => {
  const { places, pid } = await heldBySomebody()
  await listening(places.socketFile, (socket) => socket.destroy())
  await expect(byOwner(places, errandOf(60_000))).rejects.toMatchObject({
    code: 'outcome_unknown',
    exitCode: 5,
    message: expect.stringMatching(new RegExp(`^process ${pid} .*hung up before it answered`)),
  })
})

test('who keeps the line open and stays silent is told as one that does not answer', async () => {
  const { places } = await heldBySomebody()
  await listening(places.socketFile, () => undefined)
  const refused = { exitCode: 124, message: expect.stringContaining('does not answer') }
  await expect(byOwner(places, errandOf(300))).rejects.toMatchObject(refused)
})

test.runIf(process.platform === 'linux')(
  'who is stopped by a signal while it is waited for is told with how to let it go on',
  async () => {
    const { places, child, pid } = await heldBySomebody()
    await listening(places.socketFile, () => child.kill('SIGSTOP'))
    const refused = { exitCode: 124, fix: `let it go on: kill -CONT ${pid}` }
    await expect(byOwner(places, errandOf(1_000))).rejects.toMatchObject(refused)
  },
)
