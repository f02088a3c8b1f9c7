import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CANARY, type Truth, writeCorpus } from '../../../bench/corpus/index.ts'
import { claude } from '../../../src/collectors/claude/index.ts'
import { codex } from '../../../src/collectors/codex/index.ts'
import { createLedger, truthOf } from './ledger-sums.ts'
import { createLocalMachine, rowsOf } from './local-machine.ts'

describe.each([11, 12, 13])('seeded corpus %i', (seed) => {
  const home = mkdtempSync(join(tmpdir(), 'vc-corpus-'))
  let truth: { claude: Truth; codex: Truth }
  const machine = createLocalMachine(home, { CLAUDE_CONFIG_DIR: join(home, 'second') })
  beforeAll(() => {
    truth = writeCorpus(seed, { home, bytes: 6 * 1024 * 1024, rare: true })
  })
  afterAll(async () => {
    await machine.close()
    rmSync(home, { recursive: true, force: true })
  })

  test.each([
    ['claude', claude],
    ['codex', codex],
  ] as const)(
    '%s: totals and every session equal the truth, and a second tick adds nothing',
    async (name, collector) => {
      const kept = createLocalMachine(home, { CLAUDE_CONFIG_DIR: join(home, 'second') })
      const ledger = createLedger()
      const first = await kept.collect(collector)
      ledger.add(rowsOf(first, 'agent_usage'))
      expect({ total: ledger.total(), bySession: ledger.bySession() }).toEqual(truthOf(truth[name]))
      const second = await kept.collect(collector)
      expect(second.batches).toEqual([])
      // Nothing of what people or models wrote, and no credential, is kept anywhere.
      const keptText = JSON.stringify([first, [...kept.cursors], kept.warnings])
      expect(keptText).not.toContain(CANARY)
      await kept.close()
    },
  )
})
