import type { Answer } from '../../core/ask.ts'
import { type CollectContext, defineCollector } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { textCell } from '../row-cells.ts'
import { parseTerminals } from './parse.ts'
import { noTerminals, terminalBatches } from './rows.ts'
import { TERMINALS_SCRIPT } from './script.ts'

const MAX_AGENTS = 64

/** Terminals outside tmux that hold agents: GNU screen, zellij, and those nobody multiplexes. Asks nothing where there is none. */
export const terminals = defineCollector({
  name: 'terminals',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['pty_sessions', 'pty_panes'],
  interval: { localS: 10, remoteS: 30 },
  timeoutMs: 9_000,
  remoteTimeoutMs: 20_000,
  needs: [],
  afterProbe: true,
  reads: { files: ['/proc/PID/stat'] },
  about: 'Terminals outside tmux that hold agents: GNU screen, zellij and plain ones; starts neither screen nor zellij',
  async collect(ctx) {
    const panes = await ctx.known('latest_pty_panes')
    const agents = await seatedElsewhere(ctx, panes)
    // most machines have none: then nothing is asked, and nothing written but that the last one went
    if (agents.length === 0) return { batches: panes.some((row) => row.source === 'terminals') ? noTerminals() : [] }
    if (agents.length > MAX_AGENTS)
      ctx.warn(
        'terminals_capped',
        `${agents.length} agents sit on terminals outside tmux, vc looks at ${MAX_AGENTS}`,
        'end old sessions',
      )
    const asked = agents.slice(0, MAX_AGENTS)
    const answer = await ctx.run({
      script: `# vc:ask terminals.holders\n${TERMINALS_SCRIPT}`,
      args: asked.map((row) => String(row.pid)),
      timeoutMs: 6_000,
      maxBytes: 512 * 1024,
    })
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const parsed = parseTerminals(answer.stdout)
    if (parsed.is === 'no_begin') return { batches: [], fault: 'bad_output', detail: firstWords(answer) }
    if (!parsed.complete) return { batches: [], fault: 'truncated', detail: 'the list of terminals was cut off' }
    return { batches: terminalBatches(parsed, asked) }
  },
})

const firstWords = (answer: Answer): string =>
  displayText(decodeUtf8(answer.stderr.subarray(0, 200)) || decodeUtf8(answer.stdout.subarray(0, 200)), 200) ||
  'no answer from the script'

/** Session roots on a terminal that is no tmux pane's. */
const seatedElsewhere = async (ctx: CollectContext, panes: readonly Row[]): Promise<readonly Row[]> => {
  const processes = await ctx.known('latest_agent_processes')
  const tmuxTtys = new Set(
    panes.filter((row) => row.source !== 'terminals' && row.dead !== true).map((row) => textCell(row.tty)),
  )
  return processes.filter(
    (row) =>
      row.detached !== true &&
      row.gone !== true &&
      row.pid === row.root_pid &&
      textCell(row.tty) !== null &&
      !tmuxTtys.has(textCell(row.tty)),
  )
}
