import type { AgentAdapter } from '../../core/agent-adapter.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { gemini } from './gemini.ts'
import { generic } from './generic.ts'
import { opencode } from './opencode.ts'

export const adapters: readonly AgentAdapter[] = [claude, codex, gemini, opencode, generic]

/** How to speak with this CLI; a CLI vc does not know (`other`) is spoken to as `generic`. */
export const adapterOf = (cli: string): AgentAdapter => adapters.find((adapter) => adapter.cli === cli) ?? generic
