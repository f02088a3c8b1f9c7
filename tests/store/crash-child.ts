import { writeSync } from 'node:fs'
import { openStore } from '../../src/store/index.ts'
import { at, runOf, sys, usage } from './rows.ts'

/**
 * Ingests groups until somebody kills it. Each acknowledged sequence number is printed after its commit, and the next
 * start goes on from the cursor, repeating one message as a re-read source would.
 */
const store = await openStore({ dataDir: process.argv[2] ?? '', minFreeBytes: 0, groupWindowMs: 60_000 })
const [row] = await store.db.rows<{ value_json: string }>("SELECT value_json FROM cursors WHERE cursor_key = 'seq'")
let seq = row ? Number(JSON.parse(row.value_json)) : 0
for (;;) {
  const group: Promise<readonly [number, boolean]>[] = []
  for (let index = 0; index < 4; index++) {
    seq++
    const mine = seq
    const rows = Array.from({ length: 26 }, (_, n) => usage(`m${(mine - 1) * 25 + n}`, at(mine)))
    const run = runOf(
      [
        { table: 'agent_usage', rows },
        { table: 'sys_samples', rows: [sys(mine)] },
      ],
      { collector: 'claude', startedAt: at(mine), cursors: [{ key: 'seq', value: mine }] },
    )
    group.push(store.append(run).then((outcome) => [mine, outcome.ok] as const))
  }
  await store.flush()
  // Written at once: what a pipe still buffers at the kill would look unacknowledged.
  for (const [mine, ok] of await Promise.all(group)) writeSync(1, `${ok ? 'ack' : 'bad'} ${mine}\n`)
}
