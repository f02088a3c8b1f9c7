import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { WorkerPool } from '../../src/transport/workers/pool.ts'

const dir = mkdtempSync(join(tmpdir(), 'vc-watched-thread-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const ROUNDS = 200
const file = (n: number): string => join(dir, 'root', String(n), 'a.jsonl')

/** Lists, and says which files were looked at for that. */
const LISTS = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const lstat = fs.lstatSync
  let looked = []
  fs.lstatSync = (path, options) => {
    looked.push(path)
    return lstat(path, options)
  }
  syncBuiltinESMExports()
  export const run = (root, io) => {
    looked = []
    const { files } = io.walk({ root, accept: () => true, maxDepth: 2 })
    return { sizes: Object.fromEntries(files.map(({ path, size }) => [path, size])), looked }
  }`

const jobFile = (name: string, code: string): URL => {
  writeFileSync(join(dir, name), code)
  return pathToFileURL(join(dir, name))
}

interface Listed {
  readonly sizes: Readonly<Record<string, number>>
  readonly looked: readonly string[]
}

test.runIf(process.platform === 'linux')(
  'what was written before a thread is asked is in its answer, each time',
  async () => {
    for (let n = 0; n < ROUNDS; n++) {
      mkdirSync(join(dir, 'root', String(n)), { recursive: true })
      writeFileSync(file(n), '')
    }
    const pool = new WorkerPool({ size: 1, quietMs: 0 })
    const lists = jobFile('lists.mjs', LISTS)
    const spins = jobFile(
      'spins.mjs',
      'export const run = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }',
    )
    const list = (): Promise<Listed> => pool.run(lists, join(dir, 'root'))
    await list()
    let before = await list()
    expect(before.looked).toHaveLength(ROUNDS)
    // The thread opens its watchers when it is left alone for a moment.
    await expect
      .poll(
        async () => {
          await setTimeout(300)
          before = await list()
          return before.looked.length
        },
        { timeout: 60_000 },
      )
      .toBe(0)
    for (let n = 0; n < ROUNDS; n++) {
      // In turn: it sleeps; it is at work, so that it finds the question at once.
      if (n % 2 === 1) void pool.run(spins, 2)
      appendFileSync(file(n), 'x')
      const now = await list()
      expect([before.looked.includes(file(n)), now.sizes[file(n)]]).toEqual([false, 1])
      before = now
    }
    await pool.close()
  },
)
