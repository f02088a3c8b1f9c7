import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openGatheredReads, pausableSocket } from '../../../src/transport/ssh/gathered-reads.ts'

let server: Server
const opened: Socket[] = []

beforeEach(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
  server.close()
})

/** Both ends of a connection, and what was read at this one. */
const connection = async () => {
  const accepted = once(server, 'connection')
  const near = pausableSocket('127.0.0.1', (server.address() as AddressInfo).port)
  await once(near, 'connect')
  const [far] = (await accepted) as [Socket]
  opened.push(near, far)
  const read: string[] = []
  const say = (text: string): Promise<void> =>
    new Promise((resolve, reject) => far.write(text, (error) => (error ? reject(error) : resolve())))
  return { near, far, read, say, listen: () => near.on('data', (bytes) => void read.push(String(bytes))) }
}

/** A clock of the test: what waits is done when it says so. */
const openClock = () => {
  const waiting: { readonly ms: number; readonly act: () => void }[] = []
  return {
    waiting,
    later: (ms: number, act: () => void) => void waiting.push({ ms, act }),
    /** As the loop does it: first timers, then what has arrived, then immediates. */
    async strike() {
      for (const { act } of waiting.splice(0)) setTimeout(act, 0)
      for (let i = 0; i < 20 && waiting.length === 0; i++) await turns(2)
    },
  }
}

/** How often it had to strike until all this was read. */
const strikesUntil = async (clock: ReturnType<typeof openClock>, read: readonly string[], text: string) => {
  let strikes = 0
  for (; read.join('') !== text && strikes < 50; strikes++) await clock.strike()
  expect(read.join('')).toBe(text)
  return strikes
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1)).then(() => turn())
}

test('what comes for a patient run is read together, and not before its time', async () => {
  const clock = openClock()
  const reads = openGatheredReads(clock.later)
  const { near, read, say, listen } = await connection()
  listen()
  const end = reads.begin(near, true)
  for (const piece of ['a', 'b', 'c']) await say(piece)
  await turns(10)
  expect(read).toEqual([])
  expect(clock.waiting.map(({ ms }) => ms)).toEqual([100])
  const strikes = await strikesUntil(clock, read, 'abc')
  expect(read.length).toBeLessThanOrEqual(strikes)
  await say('d')
  await turns(10)
  expect(read.join('')).toBe('abc')
  end()
  await expect.poll(() => read.join('')).toBe('abcd')
})

test('a hurried run on the same connection is read at once, until it ends', async () => {
  const clock = openClock()
  const reads = openGatheredReads(clock.later)
  const { near, read, say, listen } = await connection()
  listen()
  reads.begin(near, true)
  const end = reads.begin(near, false)
  await say('now')
  await expect.poll(() => read.join('')).toBe('now')
  end()
  await say('later')
  await turns(10)
  expect(read.join('')).toBe('now')
  await strikesUntil(clock, read, 'nowlater')
})

test('what brings much is read without a pause', async () => {
  const clock = openClock()
  const reads = openGatheredReads(clock.later)
  const { near, read, say, listen } = await connection()
  listen()
  reads.begin(near, true)
  const much = 'x'.repeat(100_000)
  await say(much)
  for (let i = 0; i < 50 && near.bytesRead < 32_768; i++) await clock.strike()
  await say('more')
  await expect.poll(() => read.join('')).toBe(`${much}more`)
})

test('an end is counted once, and a connection without runs is read as ever', async () => {
  const reads = openGatheredReads(openClock().later)
  const { near, read, say, listen } = await connection()
  listen()
  const [first, second] = [reads.begin(near, true), reads.begin(near, true)]
  first()
  first()
  await say('held')
  await turns(10)
  expect(read).toEqual([])
  second()
  await expect.poll(() => read.join('')).toBe('held')
  await say('free')
  await expect.poll(() => read.join('')).toBe('heldfree')
})

test('with many machines under way each waits for less long: others wait for its place', async () => {
  const clock = openClock()
  const reads = openGatheredReads(clock.later)
  for (let i = 0; i < 25; i++) {
    const { near, listen } = await connection()
    listen()
    reads.begin(near, true)
  }
  await clock.strike()
  expect(clock.waiting.map(({ ms }) => ms)).toEqual([50])
})

test('a greeting that comes before anybody listens is kept', async () => {
  const { read, say, listen } = await connection()
  await say('SSH-2.0-x')
  await turns(5)
  listen().resume()
  await expect.poll(() => read.join('')).toBe('SSH-2.0-x')
})

test('a connection that ends under a patient run is told within its time', async () => {
  const clock = openClock()
  const reads = openGatheredReads(clock.later)
  const { near, far, listen } = await connection()
  listen()
  reads.begin(near, true)
  const closed = once(near, 'close')
  far.destroy()
  await clock.strike()
  await closed
})
