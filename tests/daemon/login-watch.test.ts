import { expect, test } from 'vitest'
import type { Executor, RunRequest, RunResult } from '../../src/core/executor.ts'
import { watchLogins } from '../../src/daemon/login-watch.ts'

const REQUEST: RunRequest = { script: 'true', deadlineMs: 1000, maxStdout: 1, maxStderr: 1 }
const NOTHING = new Uint8Array()

const ran = (connectMs: number, reusedConnection: boolean): RunResult => ({
  class: 'ok',
  exitCode: 0,
  signal: null,
  stdout: NOTHING,
  stderr: NOTHING,
  partial: false,
  timings: { queueMs: 900, connectMs, execMs: 10 },
  reusedConnection,
  detail: null,
})

const way = (results: readonly RunResult[]): Executor => {
  const left = [...results]
  const next = (): RunResult => {
    const result = left.shift()
    if (!result) throw new Error('one run more than announced')
    return result
  }
  return {
    kind: 'ssh2',
    run: async () => next(),
    stream: () => ({ stdout: (async function* () {})(), done: Promise.resolve(next()) }),
    close: async () => undefined,
  }
}

test('a new connection tells its login time, without the wait for a place; a kept one tells nothing', async () => {
  const logins: number[] = []
  const watched = watchLogins(way([ran(4195.4, false), ran(0, true)]), (ms) => logins.push(ms))
  await watched.run(REQUEST)
  await watched.run(REQUEST)
  expect(logins).toEqual([4195])
})

test('a reconnect of a stream is told too', async () => {
  const logins: number[] = []
  await watchLogins(way([ran(120, false)]), (ms) => logins.push(ms)).stream(REQUEST).done
  expect(logins).toEqual([120])
})

test('a machine that needs no connection, or was never reached, has no login time: 0 is not invented', async () => {
  const logins: number[] = []
  await watchLogins(way([ran(0, false)]), (ms) => logins.push(ms)).run(REQUEST)
  expect(logins).toEqual([])
})
