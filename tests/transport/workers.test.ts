import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { codeFolders } from '../../src/core/own-files.ts'
import { buildOf } from '../../src/transport/own-build.ts'
import { sqliteHere } from '../../src/transport/sqlite.ts'
import { createJobIo } from '../../src/transport/workers/job-io.ts'
import { WorkerPool, type WorkerPoolOptions } from '../../src/transport/workers/pool.ts'

const dir = mkdtempSync(join(tmpdir(), 'vc-workers-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const jobFile = (name: string, code: string): URL => {
  writeFileSync(join(dir, name), code)
  return pathToFileURL(join(dir, name))
}

test('jobs run in threads, several at once, answers keep their places', async () => {
  const pool = new WorkerPool({ home: '/h' })
  const job = jobFile('double.mjs', 'export const run = ({ n }, io) => ({ n: n * 2, home: io.home })')
  const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.run(job, { n })))
  expect(answers).toEqual([2, 4, 6, 8, 10].map((n) => ({ n, home: '/h' })))
  await pool.close()
})

test('a question to a database does not wait behind a backfill', async () => {
  const pool = new WorkerPool({ size: 1 })
  const path = join(dir, 'history.sqlite')
  new DatabaseSync(path).close()
  const shard = jobFile('shard.mjs', 'export const run = (n) => n')
  const done: unknown[] = []
  const ask = (sql: string) =>
    sqliteHere(path, sql, (job, payload) => pool.run(job, payload)).then((answer) => done.push(answer))
  const shards = [1, 2, 3].map((n) => pool.run(shard, n).then((answer) => done.push(answer)))
  await Promise.all([...shards, ask('SELECT 7 AS n'), ask('SELECT 8 AS n')])
  await pool.close()
  const rows = (n: number) => ({ is: 'rows', rows: [{ n }] })
  expect(done).toEqual([1, rows(7), rows(8), 2, 3])
})

/** The order in which two backfills are worked off, asked for in this order. */
const orderOf = async (options: WorkerPoolOptions, ...backfills: readonly (readonly [string, number])[]) => {
  const pool = new WorkerPool({ size: 1, ...options })
  const done: string[] = []
  const backfill = ([name, shards]: readonly [string, number]): Promise<unknown>[] => {
    const job = jobFile(`${name}.mjs`, 'export const run = (shard) => shard')
    return Array.from({ length: shards }, (_, n) => pool.run(job, `${name} ${n}`).then((it) => done.push(String(it))))
  }
  await Promise.all(backfills.flatMap(backfill))
  await pool.close()
  return done
}

test('the jobs of whoever has the fewest left come first, each in its order', async () => {
  const done = await orderOf({}, ['long', 5], ['short', 2])
  expect(done).toEqual(['long 0', 'short 0', 'short 1', 'long 1', 'long 2', 'long 3', 'long 4'])
})

test('where all is told at the end the longer backfill comes first and is done to its end', async () => {
  const done = await orderOf({ stepsBack: true }, ['short', 3], ['long', 4])
  expect(done).toEqual(['short 0', 'long 0', 'long 1', 'long 2', 'long 3', 'short 1', 'short 2'])
})

test('a job that throws, a thread that dies and a closed pool are told apart', async () => {
  const pool = new WorkerPool({ size: 1 })
  const throws = jobFile('throws.mjs', 'export const run = () => { throw new Error("no such file") }')
  const dies = jobFile('dies.mjs', 'export const run = () => process.exit(3)')
  const fine = jobFile('fine.mjs', 'export const run = () => 7')
  await expect(pool.run(throws, null)).rejects.toMatchObject({ code: 'job_failed', message: /no such file/ })
  await expect(pool.run(dies, null)).rejects.toMatchObject({ code: 'worker_failed' })
  await expect(pool.run(fine, null)).resolves.toBe(7)
  await pool.close()
  await expect(pool.run(fine, null)).rejects.toMatchObject({ code: 'cancelled' })
})

test('a thread that was warmed up takes the first job, and an unused one keeps nothing alive', async () => {
  const who = jobFile('first.mjs', "import { threadId } from 'node:worker_threads'\nexport const run = () => threadId")
  const pool = new WorkerPool({ growMs: 60_000 })
  pool.warm(who)
  pool.warm(new URL('missing.mjs', who))
  const first = await pool.run(who, null)
  expect(await pool.run(who, null)).toBe(first)
  await pool.close()
  const ended = new WorkerPool()
  ended.warm(new URL('missing.mjs', who))
  await ended.close()
  ended.warm(who)
  await expect(ended.run(who, null)).rejects.toMatchObject({ code: 'cancelled' })
  const entry = new URL('../../src/transport/workers/pool.ts', import.meta.url).href
  const code = `const { WorkerPool } = await import(${JSON.stringify(entry)}); new WorkerPool().warm(new URL(${JSON.stringify(who.href)}))`
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 30_000 })
})

test('a job that was begun ahead answers who asks for the same first, and is done again for the next', async () => {
  const counted = jobFile('counted.mjs', 'let n = 0\nexport const run = ({ add }) => (n += add)')
  const pool = new WorkerPool({ size: 1 })
  pool.ahead(counted, { add: 1 })
  expect(await pool.run(counted, { add: 10 })).toBe(11)
  expect(await pool.run(counted, { add: 1 })).toBe(1)
  expect(await pool.run(counted, { add: 1 })).toBe(12)
  const broken = jobFile('broken.mjs', "export const run = () => { throw new Error('no') }")
  pool.ahead(broken, null)
  await expect(pool.run(broken, null)).rejects.toMatchObject({ code: 'job_failed' })
  await pool.close()
})

test.runIf(process.platform === 'linux')(
  'threads let the rest of the process go first where that is asked for',
  async () => {
    const nice = jobFile('nice.mjs', "import { getPriority } from 'node:os'\nexport const run = () => getPriority(0)")
    for (const stepsBack of [false, true]) {
      const pool = new WorkerPool({ stepsBack })
      expect(await pool.run(nice, null)).toBe(Math.min(19, getPriority(0) + (stepsBack ? 5 : 0)))
      await pool.close()
    }
  },
)

test('closing ends a running job', async () => {
  const pool = new WorkerPool()
  const forever = jobFile('forever.mjs', 'export const run = () => new Promise(() => setInterval(() => {}, 1000))')
  const running = pool.run(forever, null)
  const ended = expect(running).rejects.toMatchObject({ code: 'cancelled' })
  await pool.close()
  await ended
})

test('walking sees regular files only: no link, no FIFO, no folder with a file name, and a loop ends', () => {
  const root = join(dir, 'walk')
  mkdirSync(join(root, 'a', 'x.jsonl'), { recursive: true })
  writeFileSync(join(root, 'a', 'one.jsonl'), '1')
  symlinkSync(root, join(root, 'a', 'loop'))
  symlinkSync(join(root, 'a', 'one.jsonl'), join(root, 'link.jsonl'))
  execFileSync('mkfifo', [join(root, 'fifo.jsonl')])
  const io = createJobIo({ home: dir, env: {} })
  const found = io.walk({ root, accept: (name) => name.endsWith('.jsonl'), maxDepth: 6 })
  expect(found.files.map(({ path }) => path)).toEqual([join(root, 'a', 'one.jsonl')])
  expect(found.refused.map(({ why }) => why).sort()).toEqual(['link', 'not_regular'])
  expect(io.open(join(root, 'fifo.jsonl'))).toEqual({ refused: 'not_regular' })
  expect(io.open(join(root, 'link.jsonl'))).toEqual({ refused: 'link' })
  expect(io.open(join(root, 'nothing'))).toEqual({ refused: 'missing' })
})

test('quick jobs share one thread; another starts only for a job that would wait long', {
  timeout: 30_000,
}, async () => {
  const who = jobFile('who.mjs', "import { threadId } from 'node:worker_threads'\nexport const run = () => threadId")
  const light = new WorkerPool({ growMs: 60_000 })
  expect(new Set(await Promise.all([1, 2, 3, 4].map(() => light.run(who, null)))).size).toBe(1)
  await light.close()
  const busy = new WorkerPool({ growMs: 10 })
  const meeting = new SharedArrayBuffer(4)
  // Each waits for the other, so both end only where two threads run.
  const meets = jobFile(
    'meets.mjs',
    `import { threadId } from 'node:worker_threads'
     export const run = (memory) => {
       const met = new Int32Array(memory)
       Atomics.add(met, 0, 1)
       Atomics.notify(met, 0)
       while (Atomics.load(met, 0) < 2) Atomics.wait(met, 0, 1, 20)
       return threadId
     }`,
  )
  expect(new Set(await Promise.all([1, 2].map(() => busy.run(meets, meeting)))).size).toBe(2)
  await busy.close()
  // Many that wait tell of a backfill at once.
  const full = new WorkerPool({ growMs: 60_000 })
  const met = new SharedArrayBuffer(4)
  expect(new Set(await Promise.all(Array.from({ length: 9 }, () => full.run(meets, met)))).size).toBe(2)
  await full.close()
})

test('after an update no thread loads code of the new version: it says that vc is to be started anew', async () => {
  const known = await buildOf(codeFolders())
  const first = jobFile('first.mjs', 'export const run = () => 1')
  const second = jobFile('second.mjs', 'export const run = () => 2')
  const same = new WorkerPool({ size: 1, build: Promise.resolve(known) })
  expect([await same.run(first, null), await same.run(second, null)]).toEqual([1, 2])
  await same.close()
  const { promise: build, resolve } = Promise.withResolvers<string>()
  const updated = new WorkerPool({ size: 1, build })
  expect(await updated.run(first, null)).toBe(1)
  resolve('of another version')
  await build
  expect(await updated.run(first, null)).toBe(1)
  await expect(updated.run(second, null)).rejects.toMatchObject({
    code: 'job_failed',
    message: /the code of vc was changed .* vc daemon stop, then vc daemon --detach/,
  })
  await updated.close()
})
