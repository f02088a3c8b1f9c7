import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cursorsOf, openStore } from '../../src/store/index.ts'
import { at, tempDir } from './support.ts'

const RUNS = Number(process.env.VC_CRASH_RUNS ?? 50)

/** Starts an ingesting child and kills it some acknowledgements later, at no particular instant. */
const ingestAndKill = async (dataDir: string, acks: number, extraMs: number): Promise<number> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let errors = ''
  child.stderr.on('data', (bytes) => {
    errors += bytes
  })
  const closed = once(child, 'close')
  await new Promise<void>((done) => {
    child.stdout.on('data', (bytes) => {
      said += bytes
      if (said.split('\n').length > acks) done()
    })
    child.once('close', () => done())
  })
  setTimeout(() => child.kill('SIGKILL'), extraMs)
  const [, signal] = await closed
  expect([signal, errors, said.includes('bad')]).toEqual(['SIGKILL', '', false])
  return Math.max(
    0,
    ...said
      .split('\n')
      .slice(0, -1)
      .map((line) => Number(line.split(' ')[1])),
  )
}

test(`kill -9 during ingest, ${RUNS} times: it opens, nothing acknowledged is lost, nothing is twice`, {
  timeout: 60_000 + RUNS * 10_000,
}, async () => {
  const dataDir = tempDir()
  let acknowledged = 0
  for (let round = 0; round < RUNS; round++) {
    acknowledged = Math.max(acknowledged, await ingestAndKill(dataDir, 4 + (round % 5) * 4, (round * 7) % 40))
    const store = await openStore({ dataDir, minFreeBytes: 0, now: () => at(0) })
    const cursor = Number((await cursorsOf(store.db, 'atlas', 'claude')).get('seq') ?? 0)
    expect(cursor).toBeGreaterThanOrEqual(acknowledged)
    const [facts] = await store.db.rows(
      `SELECT (SELECT count(*) FROM agent_usage) AS messages, (SELECT count(DISTINCT message_key) FROM agent_usage) AS keys,
         (SELECT count(*) FROM sys_samples) AS samples, (SELECT max(uptime_s) FROM sys_samples) AS newest,
         (SELECT count(*) FROM scrapes) AS scrapes, (SELECT sum(messages) FROM usage_1h) AS rolled,
         (SELECT sum(samples) FROM sys_1h) AS rolled_samples`,
    )
    const messages = cursor * 25 + 1
    expect(facts).toEqual({
      messages,
      keys: messages,
      samples: cursor,
      newest: 1000 + cursor,
      scrapes: cursor,
      rolled: messages,
      rolled_samples: cursor,
    })
    await store.close()
  }
  expect(acknowledged).toBeGreaterThan(RUNS)
})
