import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../../src/store/index.ts'
import { tempDir } from '../../store/support.ts'

const ROUNDS = Number(process.env.VC_CRASH_RUNS ?? 4)
const TOTAL = 60
const DAY_MS = 86_400_000

/** Lets an owner work and kills it after so many lines, at no particular instant. Returns what it acknowledged. */
const workAndKill = async (dataDir: string, round: number): Promise<readonly string[]> => {
  const args = [join(import.meta.dirname, 'crash-child.ts'), dataDir, String(TOTAL), String((round + 1) * DAY_MS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const closed = once(child, 'close')
  await new Promise<void>((done) => {
    child.stdout.on('data', (bytes) => {
      said += bytes
      if (said.split('\n').length > 4 + round * 3) done()
    })
    child.once('close', () => done())
  })
  setTimeout(() => child.kill('SIGKILL'), (round * 7) % 30)
  await closed
  return said.split('\n').slice(0, -1)
}

test(`kill -9 of the owner, ${ROUNDS} times: what was acknowledged stands, no mission is lost`, {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const dataDir = tempDir()
  const done = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const said = await workAndKill(dataDir, round)
    expect(said.filter((line) => line.startsWith('bad'))).toEqual([])
    const claims = new Map(
      said.flatMap((line) => (line.startsWith('claim ') ? [line.slice(6).split(' ') as [string, string]] : [])),
    )
    // Nobody gets again what was done before.
    expect([...claims.keys()].filter((id) => done.has(id))).toEqual([])
    for (const line of said) if (line.startsWith('done ')) done.add(line.slice(5))
    const store = await openStore({ dataDir, minFreeBytes: 0 })
    const rows = await store.db.rows<{ mission_id: string; status: string; claim_id: string | null }>(
      'SELECT mission_id, status, claim_id FROM missions',
    )
    await store.close()
    expect(rows).toHaveLength(TOTAL)
    const known = new Map(rows.map((row) => [row.mission_id, row]))
    expect([...done].filter((id) => known.get(id)?.status !== 'done')).toEqual([])
    expect([...claims].filter(([id, claim]) => known.get(id)?.claim_id !== claim)).toEqual([])
  }
  expect(done.size).toBeGreaterThan(0)
})
