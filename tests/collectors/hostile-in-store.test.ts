import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { git } from '../../src/collectors/git/index.ts'
import { probe } from '../../src/collectors/probe/index.ts'
import { tmux } from '../../src/collectors/tmux/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import { admitRun } from '../../src/store/admit.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { runOfResult } from '../scrape-run.ts'
import { answered, contextWith } from './shell-context.ts'
import { recorded } from './tmux/samples.ts'

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url)).toString()

// Kinds of numbers a compromised or broken machine may send where a sane one sends another.
const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-1',
    '4294967296',
    '99999999999',
    '999999999999999',
    '9223372036854775808',
    '18446744073709551615',
  ),
  fc.constantFrom('1e999', 'NaN', '0.000000000000001', '-', '', '1.5', '9'.repeat(60)),
  fc.nat().map(String),
)

/** The text with some of its numbers replaced. */
const disturbed = (text: string): fc.Arbitrary<string> =>
  fc.array(fc.tuple(fc.nat(), number), { minLength: 1, maxLength: 12 }).map((changes) => {
    const parts = text.split(/(?<![0-9a-f@-])(\d+)(?![0-9a-f-])/)
    for (const [at, value] of changes) {
      const index = 1 + 2 * (at % Math.max(1, (parts.length - 1) / 2))
      if (index < parts.length) parts[index] = value
    }
    return parts.join('')
  })

describe('whatever a machine sends, what is made of it fits the store', () => {
  let dir: string
  let store: Store
  let runs = 0

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vch-'))
    store = await openStore({ dataDir: dir })
  })
  afterAll(async () => {
    await store.close()
    await rm(dir, { recursive: true })
  })

  const commits = async (collector: Collector, first: string, second: string, known = {}): Promise<void> => {
    let cursors: ReadonlyMap<string, unknown> = new Map()
    for (const text of [first, second]) {
      const startedAt = new Date(Date.UTC(2026, 10, 20) + ++runs * 10_000)
      const result = await collector.collect(contextWith({ run: () => answered(text), startedAt, cursors, known }))
      cursors = new Map((result.cursors ?? []).map(({ key, value }) => [key, JSON.parse(JSON.stringify(value))]))
      // what the store checks before it writes anything; it throws one sentence with table and column
      await admitRun(store.catalog, runOfResult(collector.name, result, { startedAt, bytes: text.length }), true)
    }
  }

  test.each([
    ['probe', probe, fixture('probe/linux-debian-t1.txt'), {}],
    ['probe of a Mac', probe, fixture('probe/macos-handwritten.txt'), {}],
    ['tmux', tmux, recorded('probe-mixed').toString(), {}],
    [
      'git',
      git,
      'vc-git 1 0123456789abcdef git version 2.39.5\n\u001e0123456789abcdef R 1' +
        [
          'repo',
          '/a',
          '0',
          '1795210975',
          '540230a1d3f649017e52df89a101b54f06122b43',
          'counted',
          '1795210975',
          '31',
          '146',
          'git@h:a/b',
          'a3 1795132800:9 1795219200:5',
        ]
          .concat(fixture('git/status.diverged.recorded.bin'), '0')
          .map((field) => `\u001f0123456789abcdef${field}`)
          .join('') +
        '\u001e0123456789abcdef end',
      { latest_agent_processes: [{ cwd: '/a' }] },
    ],
  ] as const)('%s', async (_, collector, text, known) => {
    await commits(collector, text, text, known)
    await fc.assert(
      fc.asyncProperty(disturbed(text), disturbed(text), (first, second) => commits(collector, first, second, known)),
      { numRuns: 300 },
    )
  })
})
