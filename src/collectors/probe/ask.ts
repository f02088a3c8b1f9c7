import type { ScriptAsk } from '../../core/ask.ts'
import { PROBE_SCRIPT } from './script.ts'

/** Names the tool lane looks for; a name that is not found is a fact too. */
export const TOOL_NAMES = [
  'claude codex gemini opencode aider amp cursor-agent goose crush droid copilot qwen',
  'ntm gt bd br bv am cass caut caam ccusage ru rch rchd pt pt-core dcg sysmoni rano',
  'automated_flywheel_setup_checker cloud_benchmarker',
  'tmux git gh jq sqlite3 duckdb curl node bun python3 cargo rustc go docker nvidia-smi systemctl vc',
].flatMap((line) => line.split(' '))

/** Command names that are agents, as the probe's regular expression. */
export const AGENT_NAMES = 'claude|codex|gemini|opencode|aider|amp|cursor-agent|goose|crush|droid|copilot|qwen'

// All four values are vc's own: letters, digits and `._|-` only, so single quotes are enough.
const assignments = (nonce: string, lane: string, tools: readonly string[]): string =>
  `N=${nonce}\nLANE=${lane}\nTOOLS='${tools.join(' ')}'\nAG='${AGENT_NAMES}'\n`

/** The fast lane; `tools` empty skips the walk along PATH. */
export const fastAsk = (nonce: string, tools: readonly string[]): ScriptAsk => ({
  script: `# vc:ask probe.fast\n${assignments(nonce, 'fast', tools)}`,
  body: PROBE_SCRIPT,
  gathered: true,
  timeoutMs: 5_000,
  maxBytes: 256 * 1024,
})

/** nvidia-smi costs up to half a second without persistence mode, so it travels alone. */
export const gpuAsk = (nonce: string): ScriptAsk => ({
  script: `# vc:ask probe.gpu\n${assignments(nonce, 'gpu', [])}`,
  body: PROBE_SCRIPT,
  gathered: true,
  timeoutMs: 4_500,
  maxBytes: 16 * 1024,
  slow: true,
})
