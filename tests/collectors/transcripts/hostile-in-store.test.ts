import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import { codex } from '../../../src/collectors/codex/index.ts'
import type { Collector } from '../../../src/core/collector.ts'
import { admitRun } from '../../../src/store/admit.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { runOfResult } from '../../scrape-run.ts'
import { createLocalMachine, rowsOf } from './local-machine.ts'

const fixture = (name: string): string => readFileSync(`tests/fixtures/${name}`, 'utf8')
const number = fc.constantFrom(
  ...['0', '-1', '1.5', '1e300', '1e-9', '4294967296', '999999999999999', '9007199254740991', '9223372036854775808'],
)

/** Some of the lines, each as written or with spaces between its tokens, with some of their numbers replaced. */
const disturbed = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.nat(), number, fc.boolean()), { minLength: 1, maxLength: 40 })
    .map((changes) => changes.reduce(disturb, text))

const disturb = (text: string, [at, value, spaced]: [number, string, boolean]): string => {
  const parts = text.split(/(?<=_tokens":|_window":)(\d+)/)
  parts[1 + 2 * (at % Math.max(1, (parts.length - 1) / 2))] = spaced ? ` ${value}` : value
  return parts.join('')
}

const CASES: readonly (readonly [name: string, collector: Collector, file: string, text: string])[] = [
  ['claude', claude, '.claude/projects/-w/<n>.jsonl', fixture('claude/session-interactive-2.1.197.jsonl')],
  ['codex', codex, '.codex/sessions/2026/01/01/rollout-<n>.jsonl', fixture('codex/rollout-exec-0.169.0.jsonl')],
]

describe('whatever numbers a transcript claims, what is made of it fits the store', () => {
  let dir: string
  let home: string
  let store: Store
  let machine: ReturnType<typeof createLocalMachine>
  let files = 0
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'vc-hostile-'))
    store = await openStore({ dataDir: join(dir, 'data') })
  })
  beforeEach(() => {
    home = mkdtempSync(join(dir, 'home-'))
    machine = createLocalMachine(home)
  })
  afterEach(() => machine.close())
  afterAll(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })

  const collect = async (collector: Collector, file: string, text: string) => {
    files += 1
    const path = join(home, file.replace('<n>', String(files)))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    const result = await machine.collect(collector)
    // What the store checks before it writes anything; it throws one sentence with table and column.
    const about = { startedAt: new Date(Date.UTC(2026, 10, 21)), bytes: text.length, up: true }
    await admitRun(store.catalog, runOfResult(collector.name, result, about), true)
    return rowsOf(result, 'agent_usage')
  }

  test.each(CASES)('%s', async (_, collector, file, text) => {
    expect(await collect(collector, file, text)).not.toEqual([])
    await fc.assert(
      fc.asyncProperty(disturbed(text), async (hostile) => {
        await collect(collector, file, hostile)
      }),
      { numRuns: 40 },
    )
  })

  test('a message with more tokens than any answer holds is named, and its neighbours count', async () => {
    const answer = (id: string, tokens: string): string =>
      `{"type":"assistant","timestamp":"2026-11-20T22:10:00.000Z","sessionId":"s","message":{"id":"${id}","model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":${tokens},"output_tokens":${tokens}}}}\n`
    const text =
      answer('m1', '7') + answer('m2', '999999999999999') + answer('m3', ' 9007199254740991') + answer('m4', '8')
    const rows = await collect(claude, '.claude/projects/-w/<n>.jsonl', text)
    expect(rows.map((row) => [row.message_key, row.total_tokens])).toEqual([
      ['m1', 14],
      ['m4', 16],
    ])
    expect(machine.warnings.at(-1)).toMatchObject({
      code: 'tokens_implausible',
      message: 'claude: 2 messages claim more than a billion tokens and were not counted',
    })
  })
})
