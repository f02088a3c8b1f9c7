import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Bench } from '../bench.ts'
import { type Installed, installBuilt, pause, startDaemon } from '../measure/installed.ts'

const LINES_PER_STEP = 40

/** One assistant message of a Claude transcript; the id makes it one of its own. */
const line = (n: number): string =>
  `${JSON.stringify({
    type: 'assistant',
    timestamp: new Date(Date.now() - 3_600_000 + n).toISOString(),
    sessionId: '00000000-0000-4000-8000-000000000001',
    uuid: `u-${n}`,
    requestId: `req_${n}`,
    cwd: '/tmp',
    version: '2.0.0',
    message: {
      id: `msg_${n}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5',
      stop_reason: 'end_turn',
      content: [],
      usage: { input_tokens: 1, output_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    },
  })}\n`

const messages = async (vc: Installed, env: NodeJS.ProcessEnv): Promise<number> => {
  const args = [vc.bin, 'robot', 'usage', '--since', '2d', '--by', 'model', '--json']
  const { stdout } = await execa(process.execPath, args, { env })
  return (JSON.parse(stdout) as { data: { total: { messages: number } } }).data.total.messages
}

/** The real daemon over growing transcripts, killed at no particular moment; the file is opened after each kill. */
export const killNine: Bench = {
  name: 'kill-nine',
  about:
    'kill -9 of the daemon during ingest (5 times; 200, or VC_CRASH_RUNS, in full): opens, loses nothing, counts once',
  async run({ full }) {
    const rounds = Number(process.env.VC_CRASH_RUNS ?? (full ? 200 : 5))
    const vc = installBuilt()
    const { home, env } = vc.user('crash')
    const folder = join(home, '.claude/projects/-tmp')
    mkdirSync(folder, { recursive: true })
    const write = (from: number): number => {
      for (let n = from; n < from + LINES_PER_STEP; n++) appendFileSync(join(folder, 'session.jsonl'), line(n))
      return from + LINES_PER_STEP
    }
    let written = 0
    let opened = 0
    let lost = 0
    try {
      for (let round = 0; round < rounds; round++) {
        written = write(written)
        const daemon = await startDaemon(vc, env)
        // The first look is taken at once: from here on every moment is one of ingest or commit.
        await pause((round * 137) % 1500)
        const acknowledged = await messages(vc, env)
        await daemon.end('SIGKILL')
        const kept = await messages(vc, env)
        opened++
        if (kept < acknowledged) lost += acknowledged - kept
      }
      await execa(process.execPath, [vc.bin, 'collect', '--collector', 'claude'], { env })
      const total = await messages(vc, env)
      const baseline = `${rounds} kills, ${written} messages`
      const shared = { baseline, ratio: null }
      return [
        {
          ...shared,
          what: 'kill -9 during ingest: the file opens',
          figure: `${opened}`,
          target: `${rounds}`,
          ok: opened === rounds,
        },
        {
          ...shared,
          what: 'kill -9 during ingest: acknowledged and lost',
          figure: `${lost}`,
          target: '0',
          ok: lost === 0,
        },
        {
          ...shared,
          what: 'kill -9 during ingest: messages at the end',
          figure: `${total}`,
          target: `${written}`,
          ok: total === written,
        },
      ]
    } finally {
      vc.remove()
    }
  },
}
