import { mkdirSync } from 'node:fs'
import { type CorpusOptions, writeClaude } from './claude.ts'
import { writeCodex } from './codex.ts'
import { createRandom } from './random.ts'
import { Truth } from './truth.ts'

export { type CorpusOptions, TRAPS, type Trap } from './claude.ts'
export { CANARY } from './random.ts'
export { Truth } from './truth.ts'

export interface Corpus {
  readonly claude: Truth
  readonly codex: Truth
}

/** Writes a corpus below `home` (two thirds Claude, one third Codex) and returns what a correct reader must find. */
export const writeCorpus = (seed: number, options: CorpusOptions): Corpus => {
  mkdirSync(options.home, { recursive: true })
  const claude = new Truth()
  const codex = new Truth()
  writeClaude(createRandom(seed), claude, { ...options, bytes: Math.ceil((options.bytes * 2) / 3) })
  writeCodex(createRandom(seed + 1), codex, { ...options, bytes: Math.ceil(options.bytes / 3) })
  return { claude, codex }
}
