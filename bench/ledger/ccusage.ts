// The native ccusage program, installed into a scratch folder: the yardstick of the ledger.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'

// The newest ccusage whose native package the registry has for every platform.
const VERSION = '20.0.24'

/** Path of the program; null where it cannot be installed. */
export const installCcusage = (dir: string): string | null => {
  const native = `@ccusage/ccusage-${process.platform}-${process.arch}`
  const packages = [`ccusage@${VERSION}`, `${native}@${VERSION}`]
  const args = ['install', '--prefix', dir, '--no-audit', '--no-fund', '--ignore-scripts', ...packages]
  const done = spawnSync('npm', args, { stdio: 'ignore', timeout: 120_000 })
  const folder = join(dir, 'node_modules', native)
  const found =
    done.status === 0 ? ['bin/ccusage', 'ccusage'].map((name) => join(folder, name)).find(existsSync) : undefined
  // Its launcher would do this at its first start.
  if (found !== undefined) chmodSync(found, 0o755)
  return found ?? null
}

export interface CcusageRun {
  readonly ms: number
  /** Tokens as it counts them: Codex input without cache, output as told. */
  readonly totals: { readonly inputTokens: number; readonly outputTokens: number; readonly cacheReadTokens: number }
}

/** `daily --offline --json` over the homes of a corpus; its Codex and Claude readers both run. */
export const runCcusage = (program: string, home: string): CcusageRun => {
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    CLAUDE_CONFIG_DIR: `${join(home, '.claude')},${join(home, 'second')}`,
    CODEX_HOME: join(home, '.codex'),
  }
  const from = performance.now()
  const ran = spawnSync(program, ['daily', '--offline', '--json'], { env, encoding: 'utf8', maxBuffer: 1 << 30 })
  const ms = performance.now() - from
  if (ran.status !== 0) throw new Error(`ccusage ended with ${ran.status}: ${ran.stderr.slice(0, 200)}`)
  return { ms, totals: JSON.parse(ran.stdout).totals }
}
