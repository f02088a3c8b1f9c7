import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReader, type ReaderPlaces } from '../../src/commands/open-reader.ts'
import { acquireLock } from '../../src/store/index.ts'

let dir = ''
let places: ReaderPlaces
const closing: (() => Promise<unknown> | unknown)[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-reader-'))
  mkdirSync(join(dir, 'data'), { mode: 0o700 })
  places = {
    socketFile: join(dir, 'vc.sock'),
    stateFile: join(dir, 'state.json'),
    dataDir: join(dir, 'data'),
    dbFile: join(dir, 'data', 'vc.duckdb'),
    memoryLimitMb: 96,
    threads: 1,
    plan: { machines: [] },
    version: '1.0.0',
  }
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(dir, { recursive: true, force: true })
})

/** Somebody on the socket; a path that has no answer is left without one. */
const listen = async (answers: Readonly<Record<string, object>>): Promise<void> => {
  const server: Server = createServer((req, res) => {
    const answer = answers[req.url ?? '']
    if (answer !== undefined && 'error' in answer) res.statusCode = 400
    if (answer !== undefined) res.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(places.socketFile, resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
}

const hold = async (): Promise<void> => {
  const lock = await acquireLock(places.dataDir)
  closing.push(() => lock.release())
}

const REPLY = { topic: 'health', version: 1, generatedAt: '2026-11-20T08:00:00.000Z', data: { overall: {} } }
const writeState = (body: unknown): void => writeFileSync(places.stateFile, JSON.stringify(body))

test('a daemon that answers is asked, and nothing else is touched', async () => {
  await listen({ '/v1/ping': { pid: 1, version: '1', started_at: '' }, '/v1/ask': REPLY })
  const reader = await openReader(places)
  expect(reader.carrier).toBe('socket')
  expect(await reader.ask({ topic: 'health', params: {} })).toEqual(REPLY)
})

test('a daemon of before the upgrade is named as that, not the question as wrong', async () => {
  const error = { code: 'unknown_topic', message: 'there is no topic', fix: 'topics: health', exit_code: 2 }
  await listen({ '/v1/ping': { pid: 7, version: '0.9.0', started_at: '' }, '/v1/ask': { error } })
  const reader = await openReader(places)
  await expect(reader.ask({ topic: 'beads', params: {} })).rejects.toMatchObject({
    code: 'daemon_older',
    message: 'the daemon (pid 7, vc 0.9.0) is older than this program: it does not know the topic beads',
    fix: expect.stringContaining('vc daemon stop'),
  })
  await expect(reader.ask({ topic: 'bedas', params: {} })).rejects.toMatchObject({ code: 'unknown_topic' })
})

test('a socket nobody listens on is no daemon: this process opens the store and says so', async () => {
  writeFileSync(places.socketFile, '')
  const reader = await openReader(places)
  closing.push(() => reader.close())
  expect(reader.carrier).toBe('embedded')
  const { warnings } = await reader.ask({ topic: 'health', params: {} })
  expect(warnings).toContainEqual(expect.stringMatching(/^embedded: no daemon is running/))
})

test('of a silent daemon its last words are shown, with their age', async () => {
  await hold()
  await listen({})
  const generated_at = new Date(Date.now() - 90_000).toISOString()
  const data = { machines: [{ id: 'atlas', age_s: 4, stale: false }, { id: 'borg', age_s: null, stale: true }] } // biome-ignore format: rows
  const kept = { ...REPLY, staleness: { probe: 5 }, data }
  writeState({ generated_at, answers: [{ request: { topic: 'health', params: {} }, reply: kept }] })
  const reader = await openReader(places)
  expect(reader.carrier).toBe('state_file')
  const { warnings, staleness, data: shown } = await reader.ask({ topic: 'health', params: {} })
  // What was 5 s old when it was written is older now.
  expect(staleness?.probe).toBeGreaterThanOrEqual(95)
  expect(shown).toEqual({ machines: [{ id: 'atlas', age_s: expect.toSatisfy((age) => age >= 94), stale: true }, { id: 'borg', age_s: null, stale: true }] }) // biome-ignore format: rows
  expect(warnings).toContainEqual(
    expect.stringMatching(/^state_file: process \d+ .*does not answer.* 9\d s old \(.*vc daemon stop\)$/),
  )
})

test('last words answer only the question they were written for: another one times out, it is not answered wrongly', {
  timeout: 30_000,
}, async () => {
  await hold()
  await listen({})
  writeState({
    generated_at: new Date().toISOString(),
    answers: [{ request: { topic: 'health', params: {} }, reply: REPLY }],
  })
  const reader = await openReader(places, 500)
  await expect(reader.ask({ topic: 'health', params: { at: '2h' } })).rejects.toMatchObject({
    code: 'daemon_silent',
    exitCode: 124,
    message: expect.stringMatching(/process \d+ .*owns/),
  })
})

test('a daemon that is only busy is waited for when nothing else can answer', async () => {
  await hold()
  await listen({ '/v1/ask': REPLY })
  const reader = await openReader(places)
  expect(reader.carrier).toBe('state_file')
  expect(await reader.ask({ topic: 'agents', params: {} })).toEqual(REPLY)
})

test.each(['', '{"generated_at":1}', '[1'])('a state file that holds %j is no answer', async (text) => {
  await hold()
  await listen({ '/v1/ask': REPLY })
  writeFileSync(places.stateFile, text)
  expect(await (await openReader(places)).ask({ topic: 'health', params: {} })).toEqual(REPLY)
})

test('a lock that nobody listens behind is another command: its end is waited for', async () => {
  const looking = await acquireLock(places.dataDir)
  setTimeout(() => void looking.release(), 300)
  const reader = await openReader(places)
  closing.push(() => reader.close())
  expect(reader.carrier).toBe('embedded')
})

test('a daemon that just starts is asked as soon as it listens', async () => {
  await hold()
  setTimeout(() => void listen({ '/v1/ping': { pid: 1, version: '1', started_at: '' }, '/v1/ask': REPLY }), 300)
  expect((await openReader(places)).carrier).toBe('socket')
})

test('one that takes longer to start is named and waited for', async () => {
  await hold()
  setTimeout(() => void listen({ '/v1/ping': { pid: 1, version: '1', started_at: '' }, '/v1/ask': REPLY }), 3_500)
  const waitedFor: number[] = []
  expect((await openReader({ ...places, onWait: (pid) => waitedFor.push(pid) })).carrier).toBe('socket')
  expect(waitedFor).toEqual([process.pid])
})

test('who never answers is waited for so long and no longer, and then there is a fix', async () => {
  await hold()
  const reader = await openReader(places, 200)
  await expect(reader.ask({ topic: 'alerts', params: {} })).rejects.toMatchObject({
    code: 'daemon_silent',
    fix: expect.stringContaining('vc daemon stop'),
  })
})

test('a lock that names nobody is not waited for', async () => {
  writeFileSync(join(places.dataDir, 'vc.lock'), '')
  const began = performance.now()
  await expect(openReader(places)).rejects.toMatchObject({ code: 'store_locked' })
  expect(performance.now() - began).toBeLessThan(5_000)
})
