import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const CLIS = ['claude', 'codex', 'gemini', 'opencode'] as const
export type Cli = (typeof CLIS)[number]

/** The versions the collectors' facts were recorded with, and the Node that Gemini runs on. */
const PACKAGES = [
  'node@24',
  '@anthropic-ai/claude-code@2.1.329',
  '@openai/codex@0.169.0',
  '@google/gemini-cli@0.61.0',
  'opencode-ai@1.18.33',
] as const

/** Installs the four CLIs into a scratch folder outside the checkout, once per set of versions; gives its bin folder. */
export async function installClis(say: (line: string) => void): Promise<string> {
  const key = createHash('sha256').update(PACKAGES.join(' ')).digest('hex').slice(0, 10)
  const folder = process.env.VC_AGENT_CLIS ?? join(tmpdir(), `vc-agent-clis-${process.getuid?.() ?? 0}-${key}`)
  const bin = join(folder, 'node_modules', '.bin')
  if (CLIS.every((cli) => existsSync(join(bin, cli)))) return bin
  say(`installing ${PACKAGES.join(' ')} into ${folder} (about 1.1 GB, once)`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...PACKAGES], {
    cwd: folder,
    timeout: 600_000,
    maxBuffer: 16 * 1024 * 1024,
  })
  return bin
}
