import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import type { Answer, Asker } from '../../src/core/ask.ts'
import type { CollectContext, Collector, CollectResult } from '../../src/core/collector.ts'
import { FAULTS } from '../../src/core/faults.ts'
import type { Row } from '../../src/core/rows.ts'
import { rowCount } from '../../src/core/rows.ts'
import { missingNeeds } from '../../src/daemon/scrape-needs.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { installRecordedTools } from '../fleet/recorded-tools.ts'
import { hasProgram } from '../programs.ts'
import { shMachine } from '../transport/sh-machine.ts'
import { workHere } from './beads/local-world.ts'

vi.setConfig({ testTimeout: 60_000 })

const home = mkdtempSync(join(tmpdir(), 'vc-six-'))
const installed = installRecordedTools(home)
afterAll(() => rmSync(home, { recursive: true, force: true }))
const envOf = (dir: string) => ({
  HOME: dir,
  PATH: `${dir}/.local/bin:/usr/bin:/bin`,
  XDG_RUNTIME_DIR: dir,
  TMUX_TMPDIR: dir,
})
const tools = new Map([...installed.tools, ['git', '/usr/bin/git'], ['tmux', '/usr/bin/tmux']])
const KNOWN: Readonly<Record<string, readonly Row[]>> = {
  latest_agent_processes: [{ cwd: installed.checkout, cli: 'claude', tty: 'pts/9', pid: 1, start_ticks: 1 }],
  repos: [{ path: installed.checkout, url: 'https://github.com/acme/alpha', repo_id: 'a' }],
  machine_tool_capabilities: [{ tool_name: 'ru', available: true, path: tools.get('ru') ?? null }],
}

interface World {
  readonly home: string
  readonly tools: ReadonlyMap<string, string>
  readonly known: Readonly<Record<string, readonly Row[]>>
}

const full: World = { home, tools, known: KNOWN }
const bare: World = { home: join(home, 'bare'), tools: new Map(), known: {} }
mkdirSync(bare.home)

type Bend = (bytes: Uint8Array) => Uint8Array

/** The same questions, with bent answers. */
const bent = (asker: Asker, bend: Bend): Asker => ({
  run: async (ask): Promise<Answer> => {
    const answer = await asker.run(ask)
    return { ...answer, stdout: bend(answer.stdout) }
  },
  stat: (paths) => asker.stat(paths),
  readRange: async (request) => {
    const range = await asker.readRange(request)
    return range.is === 'bytes' ? { ...range, bytes: bend(range.bytes) } : range
  },
  sqlite: async (path, sql) => {
    const answer = await asker.sqlite(path, sql)
    if (answer.is !== 'rows') return answer
    const text = Buffer.from(bend(Buffer.from(JSON.stringify(answer.rows)))).toString('utf8')
    try {
      return { is: 'rows', rows: JSON.parse(text) as Record<string, unknown>[] }
    } catch {
      return { is: 'fault', fault: 'bad_output', detail: 'no JSON' }
    }
  },
})

/** One look of one collector at the machine, every answer bent. */
async function look(
  collector: Collector,
  bend: Bend,
  world: World = full,
): Promise<CollectResult & { readonly asked: number }> {
  const asker = openAsker({ executor: shMachine({ env: envOf(world.home) }), local: false })
  const run = asker.beginRun()
  const context: CollectContext = {
    ...bent(run, bend),
    machine: { id: 'six', local: false, os: 'Linux', tools: world.tools },
    startedAt: new Date('2026-11-21T00:00:00Z'),
    cursors: new Map(),
    options:
      collector.name === 'cloud_benchmarker' ? { hosts: ['bench_1=six'], database: join(home, 'none.sqlite') } : {},
    known: async (table) => world.known[table] ?? [],
    work: workHere,
    mysql: () => Promise.reject(new Error('no server is configured')),
    progress: () => {},
    warn: () => {},
  }
  const result = await collector.collect(context)
  run.end()
  return { ...result, asked: run.meter.asks }
}

const text =
  (words: string): Bend =>
  () =>
    Buffer.from(words)
const bend =
  (change: (said: string) => string): Bend =>
  (bytes) =>
    Buffer.from(change(Buffer.from(bytes).toString('latin1')), 'latin1')

/** An older version that does not say the last member of an object yet. */
const older = bend((said) => said.replaceAll(/,\s*"\w+":\s*(?:"[^"\\]*"|[\d.]+|true|false|null)\s*\}/g, '}'))
const DEEP = `${'['.repeat(2_000)}${']'.repeat(2_000)}`
const HOSTILE: readonly (readonly [string, Bend])[] = [
  ['control characters', bend((said) => said.replaceAll(/(:\s*")([^"\\]{1,60}")/g, '$1\\u001b[31m\\u0000\\u202e$2'))],
  ['raw control bytes', bend((said) => said.replaceAll(/([a-z]{4})(?=[a-z ])/g, '$1\u001b'))],
  ['numbers beyond all', bend((said) => said.replaceAll(/(:\s*)-?\d+(\.\d+)?/g, '$11e999'))],
  ['ids beyond 2^53', bend((said) => said.replaceAll(/(:\s*)\d+/g, '$19007199254740993123'))],
  ['minus and NaN', bend((said) => said.replaceAll(/(:\s*)(\d+)/g, '$1-$2').replaceAll(/(\t)\d+/g, '$1NaN'))],
  ['deep nesting', bend((said) => said.replaceAll(/(:\s*)\[/g, `$1[${DEEP},`))],
  ['a line of ten megabytes', bend((said) => said.replace(/(:\s*")/, `$1${'x'.repeat(10_000_000)}`))],
]

const cells = (result: CollectResult): readonly (readonly [string, unknown])[] =>
  result.batches.flatMap((batch) => ('rows' in batch ? batch.rows : []).flatMap((row) => Object.entries(row)))
const rowsOf = (result: CollectResult): number => result.batches.reduce((sum, batch) => sum + rowCount(batch), 0)

const isSane = ([column, cell]: readonly [string, unknown]): boolean => {
  if (typeof cell === 'number') return Number.isFinite(cell)
  // a line feed may stand in a text or a name of a file, but nothing that steers a terminal
  if (typeof cell === 'string')
    return column.endsWith('_json') || !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u.test(cell)
  return true
}

/** Where nothing is the usual answer of a good machine, or nothing is asked of one like this. */
const SILENT = new Set(['hooks'])
/** Who brings rows from sources this machine lacks, with the test that shows it bring them. */
const ELSEWHERE: Readonly<Record<string, readonly [string, string]>> = {
  beads_dolt: ['beads/dolt.test.ts', 'issues, dependencies and events are committed, bodies never'],
  claude: ['claude/recorded.test.ts', 'a sub-agent file is a session of its own below its parent'],
  cloud_benchmarker: ['cloud-benchmarker/cloud-benchmarker.test.ts', 'five measurements per host and run'],
  codex: ['codex/recorded.test.ts', 'the recorded session counts 22 440 tokens'],
  gemini: ['gemini/gemini.test.ts', 'every session equals the truth'],
  hooks: ['hooks/collect.test.ts', 'events become rows, and limits an observation of the account that is logged in'],
  live: ['live/agent-live.test.ts', 'says what a living session does'],
  opencode: ['opencode/recorded.test.ts', 'our sums equal the running totals'],
  retention: ['retention/retention.test.ts', 'a short one is'],
  terminals: ['terminals/terminals.test.ts', 'an agent in a detached GNU screen is a pane of that screen'],
  tmux: ['tmux/collect.test.ts', 'finds both servers, names, a dead pane and unicode titles'],
}
/** What an older version of a source looks like where it is known; all are also played with words missing. */
const OLDER: Readonly<Record<string, readonly [string, string]>> = {
  agent_mail: ['agent-mail/agent-mail.test.ts', 'a mailbox of the Python server is read once'],
  beads: ['beads/parse.test.ts', 'older: the same names mean something else'],
  beads_dolt: ['beads/dolt.test.ts', 'an older schema says what it lacks'],
  cass: ['cass/cass.test.ts', 'health.older_v0_1_60.json'],
  caut: ['caut/parse.test.ts', 'reads another schema version as far as it can'],
  claude: ['claude/recorded.test.ts', 'an older layout with usage before the content'],
  codex: ['codex/recorded.test.ts', 'without usage records the counters give what grew'],
  dcg: ['dcg/dcg.test.ts', 'an older layout without rule ids'],
  gemini: ['gemini/gemini.test.ts', 'a legacy chat that is rewritten in place'],
  ntm: ['ntm/ntm.test.ts', 'an older document of ntm'],
  opencode: ['opencode/opencode.test.ts', 'sessions of the time before SQLite are named'],
  probe: ['probe/collect.test.ts', 'a probe of another format is an incompatible version'],
  rano: ['rano/rano.test.ts', 'an older file without ancestry'],
  rch: ['rch/rch.test.ts', 'an older daemon leaves out what it does not know'],
  sysmoni: ['sysmoni/sysmoni.test.ts', 'the shell program of the same name has its own words'],
  tmux: ['tmux/collect.test.ts', 'server version is too old for client'],
}

const all: readonly Collector[] = collectors
const names = all.map(({ name }) => name)

test.each([...Object.entries(ELSEWHERE), ...Object.entries(OLDER)])(
  'the case of %s is where it is said to be',
  (name, [file, title]) => {
    expect(names).toContain(name)
    const [found = ''] = globSync(file, { cwd: import.meta.dirname })
    expect(readFileSync(join(import.meta.dirname, found), 'utf8')).toContain(title)
  },
)

describe.runIf(hasProgram('sqlite3')).each(all.map((collector) => [collector.name, collector] as const))(
  '%s',
  (name, collector) => {
    test('ok: brings rows from a machine that has its source', async () => {
      const result = await look(collector, (bytes) => bytes)
      expect([null, 'not_configured']).toContain(result.fault ?? null)
      if (!(name in ELSEWHERE)) expect(rowsOf(result)).toBeGreaterThan(0)
      expect(cells(result).filter((cell) => !isSane(cell))).toEqual([])
    })

    test('empty: a machine without its source has no rows, and whoever needs a tool names it', async () => {
      const result = await look(collector, (bytes) => bytes, bare)
      const known = name === 'probe' || name === 'tool_versions'
      if (!known) expect([name, rowsOf(result)]).toEqual([name, 0])
      expect([null, 'tool_missing', 'not_configured']).toContain(result.fault ?? null)
      expect(missingNeeds(collector, { id: 'bare', local: false, os: null, tools: new Map() }) === null).toBe(
        collector.needs.length === 0,
      )
    })

    test.each([
      ['another program', text('<html><body>502 Bad Gateway</body></html>\n')],
      ['no words', text('')],
    ])('broken: %s is a fault, neither rows nor an empty picture', async (_, words) => {
      const result = await look(collector, words)
      expect(rowsOf(result)).toBe(0)
      if (result.asked === 0 || SILENT.has(name)) return
      expect(FAULTS).toContain(result.fault)
      expect(result.batches).toEqual([])
    })

    test('broken: half an answer throws nothing', async () => {
      const result = await look(collector, (bytes) => bytes.subarray(0, bytes.length >> 1))
      expect([null, undefined, ...FAULTS]).toContain(result.fault)
    })

    test('older: what is not said yet is unknown, and nothing is invented', async () => {
      const result = await look(collector, older)
      expect([null, undefined, ...FAULTS]).toContain(result.fault)
      expect(cells(result).filter((cell) => !isSane(cell))).toEqual([])
    })

    test.each(HOSTILE)('hostile: %s', async (_, hostile) => {
      const result = await look(collector, hostile)
      expect([null, undefined, ...FAULTS]).toContain(result.fault)
      expect(
        cells(result)
          .filter((cell) => !isSane(cell))
          .slice(0, 3),
      ).toEqual([])
    })
  },
)
