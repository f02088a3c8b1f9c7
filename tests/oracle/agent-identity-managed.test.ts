import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { type IdentityInput, identifyAgents } from '../../src/oracle/agent-identity.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const ago = (s: number): Date => new Date(NOW.getTime() - s * 1000)
const PANE = '/run/vc/tmux.sock:77:%4'
const OWN = 'atlas/claude-7k2m'

const managed = (over: Row = {}): Row => ({
  agent_id: OWN,
  machine_id: 'atlas',
  cli: 'claude',
  kind: 'managed',
  first_seen: ago(600),
  ended: null,
  session_id: null,
  boot_id: 'boot',
  root_pid: 40,
  root_start_ticks: 4000n,
  pane_key: PANE,
  ...over,
})
const alias = (name: string, since: Date): Row => ({ machine_id: 'atlas', alias: name, agent_id: OWN, since })
const pane = (over: Row = {}): Row => ({
  socket: '/run/vc/tmux.sock',
  server_start_epoch_s: 77,
  pane_id: '%4',
  pane_pid: 40,
  tty: '/dev/pts/4',
  session_name: 'vc-claude-7k2m',
  dead: false,
  gone: false,
  ...over,
})
const root = (pid: number, over: Row = {}): Row => ({
  boot_id: 'boot',
  pid,
  start_ticks: BigInt(pid * 100),
  root_pid: pid,
  root_start_ticks: BigInt(pid * 100),
  cli: 'claude',
  tty: 'pts/4',
  started_at: ago(500),
  detached: false,
  gone: false,
  ...over,
})
const look = (over: Partial<IdentityInput>) =>
  identifyAgents({
    machineId: 'atlas',
    now: NOW,
    bootId: 'boot',
    processesKnown: true,
    processes: [],
    panes: [],
    sightings: [],
    sessions: [],
    agents: [],
    aliases: [],
    ...over,
  })

describe('agents that vc started', () => {
  test('a wrapper around the CLI is the agent of its terminal, not a new one', () => {
    const { live } = look({
      agents: [managed()],
      aliases: [alias('proc:boot:40:4000', ago(500)), alias(`pane:${PANE}`, ago(500))],
      processes: [root(41)],
      panes: [pane()],
    })
    expect(live.map((one) => one.agentId)).toEqual([OWN])
  })

  test('in a terminal that is not its own a CLI is somebody else', () => {
    const { live } = look({
      agents: [managed({ ended: ago(10) })],
      aliases: [alias(`pane:${PANE}`, ago(500))],
      processes: [root(41)],
      panes: [pane()],
    })
    expect(live.map((one) => one.agentId)).not.toContain(OWN)
  })

  test('one that was placed a moment ago is not ended by a process table that is older', () => {
    const young = look({ agents: [managed()], aliases: [alias('proc:boot:40:4000', ago(5))] })
    const old = look({ agents: [managed()], aliases: [alias('proc:boot:40:4000', ago(300))] })
    expect(young.ended).toEqual([])
    expect(old.ended.map((row) => row.agent_id)).toEqual([OWN])
  })

  test('a program of no known CLI lives as long as its own terminal holds the process it was started with', () => {
    const aliases = [alias('proc:boot:40:4000', ago(500))]
    const agents = [managed({ cli: 'other' })]
    const ended = (panes: readonly Row[]): number => look({ agents, aliases, panes }).ended.length
    expect(ended([pane()])).toBe(0)
    expect(ended([pane({ dead: true })])).toBe(1)
    expect(ended([pane({ pane_pid: 99 })])).toBe(1)
    expect(ended([])).toBe(1)
  })
})
