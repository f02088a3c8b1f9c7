import type { Collector } from '../core/collector.ts'
import { afsc } from './afsc/index.ts'
import { agentConfig } from './agent-config/index.ts'
import { agentMail } from './agent-mail/index.ts'
import { beads } from './beads/index.ts'
import { beadsDolt } from './beads-dolt/index.ts'
import { caam } from './caam/index.ts'
import { cass } from './cass/index.ts'
import { caut } from './caut/index.ts'
import { claude } from './claude/index.ts'
import { cloudBenchmarker } from './cloud-benchmarker/index.ts'
import { codex } from './codex/index.ts'
import { dcg } from './dcg/index.ts'
import { gastown } from './gastown/index.ts'
import { gemini } from './gemini/index.ts'
import { gh } from './gh/index.ts'
import { git } from './git/index.ts'
import { hooks } from './hooks/index.ts'
import { live } from './live/index.ts'
import { ntm } from './ntm/index.ts'
import { opencode } from './opencode/index.ts'
import { probe } from './probe/index.ts'
import { pt } from './pt/index.ts'
import { rano } from './rano/index.ts'
import { rch } from './rch/index.ts'
import { retention } from './retention/index.ts'
import { ru } from './ru/index.ts'
import { sysmoni } from './sysmoni/index.ts'
import { terminals } from './terminals/index.ts'
import { tmux } from './tmux/index.ts'
import { toolVersions } from './tool-versions/index.ts'

/** Every collector, by hand: a test walks the folder and compares. One line each. */
export const collectors = [
  agentConfig,
  beads,
  beadsDolt,
  agentMail,
  afsc,
  cass,
  caam,
  caut,
  claude,
  cloudBenchmarker,
  codex,
  dcg,
  gastown,
  gemini,
  gh,
  git,
  hooks,
  live,
  ntm,
  opencode,
  probe,
  pt,
  rano,
  rch,
  retention,
  terminals,
  sysmoni,
  ru,
  tmux,
  toolVersions,
] as const satisfies readonly Collector[]
