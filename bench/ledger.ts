import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claude } from '../src/collectors/claude/index.ts'
import { codex } from '../src/collectors/codex/index.ts'
import type { CollectContext, Collector } from '../src/core/collector.ts'
import { WorkerPool } from '../src/transport/workers/pool.ts'
import { writeCorpus } from './corpus/index.ts'

/**
 * Scan, parse, price and dedup of a seeded Claude + Codex corpus, against the native ccusage program on the same files.
 *
 *   node bench/ledger.ts [megabytes=64] [runs=3] [seed=7]
 *
 * Prints medians of interleaved runs and their ratio (target: at most 0.6). Installs ccusage into a scratch folder; where that
 * is not possible it says so and prints vc's time alone.
 */
const [megabytes = 64, runs = 3, seed = 7] = process.argv.slice(2).map(Number)
// The newest ccusage whose native package the registry has for every platform.
const CCUSAGE = '20.0.24'

const scratch = mkdtempSync(join(tmpdir(), 'vc-bench-ledger-'))
const home = join(scratch, 'home')

const contextFor = (pool: WorkerPool): CollectContext => {
  const refuse = async (): Promise<never> => {
    throw new Error('not asked here')
  }
  return {
    machine: { id: 'bench', local: true, os: 'Linux', tools: null },
    startedAt: new Date(),
    cursors: new Map(),
    options: {},
    known: async () => [],
    work: (job, payload) => pool.run(job, payload),
    progress: () => undefined,
    warn: () => undefined,
    run: refuse,
    stat: refuse,
    readRange: refuse,
    sqlite: refuse,
  }
}

/** One cold run: threads start, both collectors scan, rows are merged and priced. Milliseconds. */
const runVc = async (): Promise<{ ms: number; messages: number; output: number }> => {
  const started = performance.now()
  const pool = new WorkerPool({ home, env: { CLAUDE_CONFIG_DIR: join(home, 'second') } })
  const ctx = contextFor(pool)
  const results = await Promise.all([claude, codex].map((collector: Collector) => collector.collect(ctx)))
  const ms = performance.now() - started
  await pool.close()
  const rows = results
    .flatMap(({ batches }) => batches.filter(({ table }) => table === 'agent_usage'))
    .flatMap((b) => b.rows)
  return { ms, messages: rows.length, output: rows.reduce((sum, row) => sum + Number(row.output_tokens), 0) }
}

const installCcusage = (): string | null => {
  const dir = join(scratch, 'ccusage')
  const platform = `@ccusage/ccusage-${process.platform}-${process.arch}@${CCUSAGE}`
  const args = [
    'install',
    '--prefix',
    dir,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `ccusage@${CCUSAGE}`,
    platform,
  ]
  const done = spawnSync('npm', args, { stdio: 'ignore', timeout: 60_000 })
  const folder = join(dir, 'node_modules', '@ccusage', `ccusage-${process.platform}-${process.arch}`)
  const found =
    done.status === 0 ? ['bin/ccusage', 'ccusage'].map((name) => join(folder, name)).find(existsSync) : undefined
  // Its launcher would do this at its first start.
  if (found !== undefined) chmodSync(found, 0o755)
  return found ?? null
}

const runCcusage = (program: string, args: readonly string[]): { ms: number; stdout: string } => {
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    CLAUDE_CONFIG_DIR: `${join(home, '.claude')},${join(home, 'second')}`,
    CODEX_HOME: join(home, '.codex'),
  }
  const started = performance.now()
  const stdout = execFileSync(program, args, {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return { ms: performance.now() - started, stdout }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

try {
  const truth = writeCorpus(seed, { home, bytes: megabytes * 1024 * 1024, rare: false })
  const expected = truth.claude.total().messages + truth.codex.total().messages
  console.log(`corpus: ${megabytes} MB, seed ${seed}, ${expected} messages`)
  const program = installCcusage()
  const vc: number[] = []
  const other: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const result = await runVc()
    vc.push(result.ms)
    const expectedOutput = truth.claude.total().output + truth.codex.total().output
    if (run === 0) console.log(`vc: ${result.messages} messages, output ${result.output} (truth ${expectedOutput})`)
    if (program !== null) other.push(runCcusage(program, ['daily', '--offline', '--json']).ms)
  }
  console.log(`vc      ${median(vc).toFixed(0)} ms  (${((megabytes * 1.048576) / median(vc)).toFixed(2)} GB/s)`)
  if (program === null) console.log('ccusage: not installable here, no ratio')
  else
    console.log(
      `ccusage ${median(other).toFixed(0)} ms  ratio ${(median(vc) / median(other)).toFixed(2)} (target <= 0.6)`,
    )
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
