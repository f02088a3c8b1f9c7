import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { isStopped } from '../../src/commands/holder-words.ts'
import { settledOwner } from '../../src/commands/settled-owner.ts'

/** Answers one after the other; the last one stays. */
const inTurn = <Value>(...values: readonly Value[]): (() => Promise<Value>) => {
  let at = 0
  return async () => values[Math.min(at++, values.length - 1)] as Value
}

const settle = async (answers: readonly boolean[], holders: readonly (number | null)[], patienceMs = 10_000) => {
  const waitedFor: number[] = []
  const ports = {
    answers: inTurn(...answers),
    holder: inTurn(...holders),
    onWait: (pid: number) => waitedFor.push(pid),
  }
  return { became: await settledOwner(ports, patienceMs), waitedFor }
}

test('a daemon that only starts is waited for until it answers, and named once', async () => {
  const slow = [...Array.from({ length: 30 }, () => false), true]
  expect(await settle(slow, [7])).toEqual({ became: 'answers', waitedFor: [7] })
})

test('another command is waited for until it is done', async () => {
  const slow = [...Array.from({ length: 30 }, () => 7), null]
  expect(await settle([false], slow)).toEqual({ became: 'free', waitedFor: [7] })
})

test('a wait that is over at once is not told', async () => {
  expect(await settle([false], [7, 7, null])).toEqual({ became: 'free', waitedFor: [] })
})

test('nobody is waited for where a daemon answers or nobody has the store', async () => {
  expect(await settle([true], [7])).toEqual({ became: 'answers', waitedFor: [] })
  expect(await settle([false], [null])).toEqual({ became: 'free', waitedFor: [] })
})

test('a wait ends at once where nobody wants it any more', async () => {
  const left = new AbortController()
  setTimeout(() => left.abort(), 100)
  const began = performance.now()
  const ports = { answers: inTurn(false), holder: inTurn(7), signal: left.signal }
  expect(await settledOwner(ports, 10_000)).toBe('silent')
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('who stays silent is not waited for without end', async () => {
  expect(await settle([false], [7], 0)).toEqual({ became: 'silent', waitedFor: [] })
})

test.runIf(process.platform === 'linux')(
  'one that a signal stopped is not waited for: it does not go on by itself',
  async () => {
    const child = spawn(process.execPath, ['-e', 'console.log("up"); setTimeout(() => {}, 60_000)'])
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    child.kill('SIGSTOP')
    const pid = child.pid ?? 0
    await expect.poll(() => isStopped(pid)).toBe(true)
    const began = performance.now()
    expect(await settle([false], [pid])).toEqual({ became: 'silent', waitedFor: [] })
    expect(performance.now() - began).toBeLessThan(5_000)
  },
)
