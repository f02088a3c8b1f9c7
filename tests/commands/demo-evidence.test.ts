import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEMO_FLEET } from '../../scripts/fleet/describe.ts'
import { HOME, START_TICKS, sessionIdOf } from '../../scripts/fleet/session-facts.ts'
import { captureEvidence } from '../../src/commands/capture-evidence.ts'
import type { AgentRows } from '../../src/commands/explain-agent.ts'
import { judgeBundle } from '../../src/commands/explain-bundle.ts'
import type { Row } from '../../src/core/rows.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openReplay } from '../../src/transport/replay.ts'

const FLEET = join(import.meta.dirname, '../fixtures/fleet')
const AGENTS = DEMO_FLEET.flatMap(({ id, agents }) => agents.map((agent, i) => ({ ...agent, machine: id, i })))

type Demo = (typeof AGENTS)[number]

const rowsOf = ({ machine, pid, cli, cwd, i, ...agent }: Demo, serverStartS: number): AgentRows => ({
  agent: {
    agent_id: `${machine}/${cli}-demo`,
    machine_id: machine,
    cli,
    cli_version: null,
    root_pid: pid,
    root_start_ticks: START_TICKS,
    session_id: cli === 'codex' || cli === 'claude' ? sessionIdOf({ pid, cli, cwd, ...agent }) : null,
    cwd,
  } as Row,
  pane: { socket: '/tmp/tmux-1000/default', pane_id: `%${i}`, server_start_epoch_s: BigInt(serverStartS) },
  state: null,
  processes: [],
  session: cli === 'claude' ? { transcript_path: `${HOME}/.claude/projects/-p/x.jsonl` } : null,
  aliases: [],
})

const lookAt = async (demo: Demo) => {
  const nowMs = Date.parse('2026-11-21T12:00:00Z')
  const executor = openReplay({ dir: join(FLEET, demo.machine), now: () => nowMs })
  const asker = openAsker({ executor, local: false })
  const run = asker.beginRun()
  try {
    const seen = await captureEvidence(rowsOf(demo, nowMs / 1000 - 80_000), run)
    expect(executor.complaints).toEqual([])
    return seen
  } finally {
    run.end()
    asker.close()
    await executor.close()
  }
}

describe.each(AGENTS)('the demo agent $machine/$cli $pid', (demo) => {
  test('shows a real screen in its colours, and what its CLI wrote', async () => {
    const { bundle, notes } = await lookAt(demo)
    expect(notes).toEqual([])
    expect(bundle.screen_ansi).toMatch(/\u001b\[[0-9;]*(?:38;|48;|3\d|9\d)/)
    expect(bundle.pane).toMatchObject({ pane_width: demo.recording.columns, pane_title: demo.title })
    const wrote = Array.isArray(bundle.transcript_tail) ? bundle.transcript_tail.length : 0
    // Before a first word, or while it only thinks, there is no record that tells a state.
    if (!['cl-silent-thinking-45s', 'cl-composer-cleared-by-ctrl-c'].includes(String(demo.recording.bundle.id)))
      expect(wrote).toBeGreaterThan(0)
  })

  test('is judged what the fleet says, from that look alone', async () => {
    expect(judgeBundle((await lookAt(demo)).bundle).state).toBe(demo.state)
  })
})
