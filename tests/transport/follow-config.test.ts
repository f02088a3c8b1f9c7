import { expect, test } from 'vitest'
import type { Executor, RunClass, RunRequest } from '../../src/core/executor.ts'
import { notRun } from '../../src/transport/executor-run.ts'
import { type FollowPorts, followConfig } from '../../src/transport/follow-config.ts'

const REQUEST: RunRequest = { script: ':', deadlineMs: 1_000, maxStdout: 10, maxStderr: 10 }

const way = (ends: RunClass, execMs = 0) => {
  const counts = { runs: 0, closed: 0 }
  const executor: Executor = {
    kind: 'ssh2',
    async run() {
      counts.runs += 1
      return notRun(ends, ends, { execMs })
    },
    stream: () => {
      throw new Error('nobody streams here')
    },
    async close() {
      counts.closed += 1
    },
  }
  return { executor, counts }
}

const following = (old: Executor, over: Partial<FollowPorts> = {}) => {
  const there = way('ok')
  let looks = 0
  const moved = over.moved ?? (async () => true)
  const look = (): Promise<boolean> => {
    looks += 1
    return moved()
  }
  const ports: FollowPorts = { open: async () => there.executor, ...over, moved: look }
  return { followed: followConfig(old, ports), there, looks: () => looks }
}

test('a way that broke and leads elsewhere now is taken at once, by all who failed together', async () => {
  const old = way('refused')
  const { followed, there, looks } = following(old.executor)
  const classes = await Promise.all([1, 2, 3].map(async () => (await followed.run(REQUEST)).class))
  expect(classes).toEqual(['ok', 'ok', 'ok'])
  expect([looks(), old.counts, there.counts.runs]).toEqual([1, { runs: 3, closed: 1 }, 3])
})

test('a way that leads where it did is kept, and the file is not read at every try', async () => {
  const old = way('auth')
  const { followed, looks } = following(old.executor, { moved: async () => false })
  expect((await followed.run(REQUEST)).class).toBe('auth')
  expect((await followed.run(REQUEST)).class).toBe('auth')
  expect([looks(), old.counts]).toEqual([1, { runs: 2, closed: 0 }])
})

test.each<[string, RunClass, number]>([
  ['has begun', 'connection_lost', 5],
  ['is only slow', 'timeout', 0],
])('a run that %s is never run a second time', async (_, ends, execMs) => {
  const old = way(ends, execMs)
  const { followed, there, looks } = following(old.executor)
  expect((await followed.run(REQUEST)).class).toBe(ends)
  expect([looks(), there.counts.runs]).toEqual([0, 0])
})

test('an ssh_config that cannot be read changes nothing', async () => {
  const broken = async (): Promise<never> => {
    throw new Error('in the middle of an edit')
  }
  expect((await following(way('dns').executor, { moved: broken }).followed.run(REQUEST)).class).toBe('dns')
  expect((await following(way('dns').executor, { open: broken }).followed.run(REQUEST)).class).toBe('dns')
})

test('who is closed meanwhile closes the new way too', async () => {
  const old = way('refused')
  const moved = Promise.withResolvers<boolean>()
  const { followed, there, looks } = following(old.executor, { moved: () => moved.promise })
  const ran = followed.run(REQUEST)
  await expect.poll(looks).toBe(1)
  await followed.close()
  moved.resolve(true)
  expect((await ran).class).toBe('refused')
  expect([old.counts.closed, there.counts]).toEqual([1, { runs: 0, closed: 1 }])
})
