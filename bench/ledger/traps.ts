// Where ccusage and the truth part: one small corpus per trap, with that trap alone, read by both programs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from '../bench.ts'
import { TRAPS, type Trap, writeCorpus } from '../corpus/index.ts'
import { runCcusage } from './ccusage.ts'

// Large enough that every trap is met several times.
const BYTES = 16 * 1024 * 1024

const outputOf = (seed: number, program: string, traps: ReadonlySet<Trap>): { truth: number; ccusage: number } => {
  const home = mkdtempSync(join(tmpdir(), 'vc-trap-'))
  try {
    const { claude, codex } = writeCorpus(seed, { home, bytes: BYTES, rare: false, traps })
    return {
      truth: claude.total().output + codex.total().output,
      ccusage: runCcusage(program, home).totals.outputTokens,
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const line = (what: string, { truth, ccusage }: { truth: number; ccusage: number }): Figure => ({
  what,
  figure: `${ccusage - truth >= 0 ? '+' : ''}${ccusage - truth} output tokens`,
  baseline: `truth ${truth}`,
  ratio: ccusage / truth,
  target: '',
  ok: null,
})

// Rollouts of the older generation have no response ids, which is what makes some of the traps bite.
const withOlder = (trap: Trap): ReadonlySet<Trap> =>
  new Set<Trap>(trap.startsWith('codex') ? [trap, 'codex: two generations of records'] : [trap])

/** Output tokens ccusage finds too many or too few, by trap; without any trap it should agree. */
export const explainByTraps = (seed: number, program: string): readonly Figure[] => [
  line('ccusage without traps', outputOf(seed, program, new Set())),
  ...TRAPS.map((trap) => line(`ccusage, ${trap}`, outputOf(seed, program, withOlder(trap)))),
]
