import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { type AgentFacts, agentBatches } from '../../src/daemon/agents.ts'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const at = (ms: number): Date => new Date(NOW.getTime() + ms)

const sighting: Row = {
  machine_id: 'atlas', cli: 'claude', session_id: 's1', pid: null, as_of: NOW, last_event: 'assistant', collected_at: NOW,
} // biome-ignore format: a row
const session: Row = {
  machine_id: 'atlas', cli: 'claude', session_id: 's1', cwd: '/srv/x', last_activity: NOW, started_at: NOW,
} // biome-ignore format: a row
const process4242: Row = {
  machine_id: 'atlas', cli: 'claude', pid: 4242, ppid: 1, root_pid: 4242, start_ticks: 991, root_start_ticks: 991, boot_id: 'b1',
  started_at: NOW, cwd: '/srv/x', session_id: 's1', tty: 'pts/1', is_root: true,
} // biome-ignore format: a row

/** What the store would know; what was written comes back at the next look. */
const world = (tables: Record<string, readonly Row[]>, probe: Awaited<ReturnType<AgentFacts['probe']>>) => {
  const asked: string[] = []
  const ended: string[] = []
  const overtaken: number[] = []
  const begun: number[] = []
  const folders: string[][] = []
  const facts: AgentFacts = {
    known: async (table) => {
      asked.push(table)
      return tables[table] ?? []
    },
    probe: async () => probe,
    turnEnded: (cli) => ended.push(cli),
    overtaken: () => overtaken.push(1),
    begun: () => begun.push(1),
    workIn: (dirs) => folders.push([...dirs]),
  }
  return {
    asked,
    ended,
    overtaken,
    begun,
    folders,
    async judge(now: Date) {
      const batches = await agentBatches(facts, 'atlas', 'b1', now)
      for (const { table, rows } of batches) if (rows.length > 0) tables[table] = rows
      return new Map(batches.map(({ table, rows }) => [table, rows]))
    },
  }
}

test('a machine without any trace of an agent costs one look and no row', async () => {
  const { judge } = world({}, { up: true, partial: false })
  expect((await judge(NOW)).size).toBe(0)
})

test('where agents work is told once for all that work there, and that nobody works anywhere too', async () => {
  const tables: Record<string, readonly Row[]> = {
    latest_agent_processes: [process4242, { ...process4242, pid: 4243 }, { ...process4242, pid: 4244, cwd: null }],
    agents: [],
    agent_sessions: [session],
  }
  const { judge, folders } = world(tables, { up: true, partial: false })
  await judge(NOW)
  tables.latest_agent_processes = []
  await judge(NOW)
  expect(folders).toEqual([['/srv/x'], []])
})

test('an agent is written once, and its unchanged state again only after a minute', async () => {
  const { judge } = world(
    { latest_agent_processes: [process4242], latest_agent_sightings: [sighting], agent_sessions: [session] },
    { up: true, partial: false },
  )
  const first = await judge(NOW)
  expect(first.get('agents')).toHaveLength(1)
  expect(first.get('latest_agent_states')).toHaveLength(1)
  expect((await judge(at(10_000))).get('latest_agent_states')).toEqual([])
  expect((await judge(at(61_000))).get('latest_agent_states')).toHaveLength(1)
})

test('the same state since another moment is written at once: a short turn lay between', async () => {
  const ended = (asOf: Date): Row => ({
    ...sighting, tier: 'transcript', sighting_source: 'claude.transcript', says: 'turn_finished', rule: 'claude.transcript.turn_end@2.1',
    pid: 4242, start_ticks: 991, as_of: asOf, since: asOf,
  }) // biome-ignore format: a row
  const tables: Record<string, readonly Row[]> = {
    latest_agent_processes: [process4242],
    latest_agent_sightings: [ended(NOW)],
    agent_sessions: [session],
  }
  const { judge } = world(tables, { up: true, partial: false })
  const first = await judge(NOW)
  expect(first.get('latest_agent_states')).toMatchObject([{ state: 'turn_finished', since: NOW }])
  tables.latest_agent_sightings = [ended(at(20_000))]
  const again = await judge(at(21_000))
  expect(again.get('latest_agent_states')).toMatchObject([{ state: 'turn_finished', since: at(20_000) }])
})

test('a process that is not in the picture has ended only where the picture is whole', async () => {
  const first: Record<string, readonly Row[]> = { latest_agent_processes: [process4242] }
  await world(first, { up: true, partial: false }).judge(NOW)
  const ended = async (probe: { up: boolean; partial: boolean } | null): Promise<unknown> => {
    const tables: Record<string, readonly Row[]> = { ...first, latest_agent_processes: [] }
    await world(tables, probe).judge(at(5_000))
    return tables.agents?.[0]?.ended ?? null
  }
  expect(await ended({ up: true, partial: true })).toBeNull()
  expect(await ended({ up: false, partial: false })).toBeNull()
  expect(await ended(null)).toBeNull()
  expect(await ended({ up: true, partial: false })).not.toBeNull()
})

test('the end of a turn is told once: its file is read at once', async () => {
  const tables: Record<string, readonly Row[]> = { latest_agent_processes: [process4242], agent_sessions: [session] }
  const { judge, ended } = world(tables, { up: true, partial: false })
  const says = (state: string, asOf: Date): Row => ({
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: state, rule: `claude.registry.${state}@2.1`,
    pid: 4242, start_ticks: 991, as_of: asOf, since: asOf,
  }) // biome-ignore format: a row
  for (const [state, ms] of [
    ['idle', 0],
    ['working', 1_000],
    ['working', 2_000],
    ['needs_approval', 3_000],
  ] as const) {
    tables.latest_agent_sightings = [says(state, at(ms))]
    await judge(at(ms))
  }
  await judge(at(90_000))
  expect(ended).toEqual(['claude'])
})

test('a screen that was seen before the registry changed is looked at again soon, and not for ever', async () => {
  const pane: Row = {
    socket: '/tmp/s', server_start_epoch_s: 1, pane_id: '%1', tty: '/dev/pts/1', gone: false, dead: false, collected_at: NOW,
    screen_cli: 'claude', screen_state: 'working', screen_rule: 'claude.screen.footer_interrupt@2.1', screen_hash: 'h',
  } // biome-ignore format: a row
  const idle = (asOf: Date): Row => ({
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: 'idle', rule: 'claude.registry.idle@2.1',
    pid: 4242, start_ticks: 991, as_of: asOf, since: asOf, collected_at: asOf,
  }) // biome-ignore format: a row
  const tables: Record<string, readonly Row[]> = {
    latest_agent_processes: [process4242],
    latest_pty_panes: [pane],
    latest_agent_sightings: [idle(at(-1_000))],
  }
  const { judge, overtaken } = world(tables, { up: true, partial: false })
  const [state] = (await judge(at(1_000))).get('latest_agent_states') ?? []
  expect([state?.state, state?.rule, overtaken.length]).toEqual(['working', 'claude.screen.footer_interrupt@2.1', 0])
  tables.latest_agent_sightings = [idle(at(500))]
  await judge(at(1_500))
  expect(overtaken).toHaveLength(1)
  await judge(at(16_000))
  expect(overtaken).toHaveLength(1)
  // a turn shorter than the time between two looks
  tables.latest_pty_panes = [{ ...pane, screen_state: 'idle', screen_rule: 'claude.screen.prompt@2.1' }]
  await judge(at(2_000))
  expect(overtaken).toHaveLength(2)
  tables.latest_pty_panes = [{ ...pane, collected_at: at(1_000) }]
  await judge(at(2_000))
  expect(overtaken).toHaveLength(2)
})

test('an answered dialog and a rest that nothing explains yet have screen and file read at once', async () => {
  const tables: Record<string, readonly Row[]> = { latest_agent_processes: [process4242], agent_sessions: [session] }
  const { judge, ended, overtaken } = world(tables, { up: true, partial: false })
  const says = (state: string, asOf: Date): Row => ({
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: state, rule: `claude.registry.${state}@2.1`,
    pid: 4242, start_ticks: 991, as_of: asOf, since: asOf,
  }) // biome-ignore format: a row
  tables.latest_agent_sightings = [says('needs_approval', NOW)]
  await judge(at(1_000))
  expect([ended, overtaken.length]).toEqual([[], 0])
  tables.latest_agent_sightings = [says('idle', at(2_000))]
  const [state] = (await judge(at(3_000))).get('latest_agent_states') ?? []
  expect([state?.state, ended, overtaken.length]).toEqual(['unknown', ['claude'], 1])
  await judge(at(30_000))
  expect([ended.length, overtaken.length]).toEqual([1, 1])
})

test('a background agent whose end the registry knows before the record is looked at again', async () => {
  const record: Row = {
    ...sighting, tier: 'transcript', sighting_source: 'claude.transcript', says: 'working', rule: 'claude.transcript.background@2.1',
    reason: 'background: 1 sub-agent', as_of: NOW, since: NOW, collected_at: at(2_000),
  } // biome-ignore format: a row
  const idle: Row = {
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: 'idle', rule: 'claude.registry.idle@2.1',
    pid: 4242, start_ticks: 991, as_of: at(5_000), since: at(5_000), collected_at: at(5_000),
  } // biome-ignore format: a row
  const agent: Row = {
    machine_id: 'atlas',
    agent_id: 'atlas/claude-x',
    cli: 'claude',
    session_id: 's1',
    root_pid: 4242,
    root_start_ticks: 991,
    boot_id: 'b1',
    cwd: '/srv/x',
    ended: null,
  }
  const tables: Record<string, readonly Row[]> = {
    latest_agent_processes: [process4242],
    latest_agent_sightings: [idle, record],
    agent_sessions: [session],
    agents: [agent],
    agent_aliases: [{ machine_id: 'atlas', alias: 'proc:b1:4242:991', agent_id: 'atlas/claude-x', since: NOW }],
  }
  const { judge, ended } = world(tables, { up: true, partial: false })
  const [state] = (await judge(at(6_000))).get('latest_agent_states') ?? []
  expect([state?.state, state?.reason, ended]).toEqual(['working', 'background: 1 sub-agent', ['claude']])
})

test('a process of which only its CLI spoke has the process table read at once, and a new agent its screen', async () => {
  const registered: Row = {
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: 'idle', rule: 'claude.registry.fresh@2.1',
    pid: 4242, start_ticks: 991n, since: NOW,
  } // biome-ignore format: a row
  const tables: Record<string, readonly Row[]> = { latest_agent_sightings: [registered], agent_sessions: [session] }
  const { judge, begun, overtaken } = world(tables, { up: true, partial: false })
  await judge(at(1_000))
  expect([begun.length, overtaken.length]).toEqual([1, 0])
  await judge(at(20_000))
  expect(begun).toHaveLength(1)
  tables.latest_agent_sightings = [{ ...registered, gone: true }]
  tables.latest_agent_processes = [process4242]
  await judge(at(30_000))
  expect([begun.length, overtaken.length]).toEqual([1, 1])
  await judge(at(31_000))
  expect([begun.length, overtaken.length]).toEqual([1, 1])
})

test('agents at rest have nothing read before its turn, whatever was looked at last', async () => {
  const pane: Row = {
    socket: '/tmp/s', server_start_epoch_s: 1, pane_id: '%1', tty: '/dev/pts/1', gone: false, dead: false, collected_at: at(9_000),
    title: '✳ Claude Code', screen_cli: 'claude', screen_state: 'turn_finished', screen_rule: 'claude.screen.turn_end@2.1', screen_hash: 'h',
  } // biome-ignore format: a row
  const record: Row = {
    ...sighting, tier: 'transcript', sighting_source: 'claude.transcript', says: 'turn_finished', rule: 'claude.transcript.turn_end@2.1',
    as_of: at(-60_000), since: at(-60_000),
  } // biome-ignore format: a row
  const idle: Row = {
    ...sighting, tier: 'live', sighting_source: 'claude.registry', says: 'idle', rule: 'claude.registry.idle@2.1',
    pid: 4242, start_ticks: 991, as_of: at(-60_000), since: at(-60_000), collected_at: at(9_000),
  } // biome-ignore format: a row
  // the last word of an OpenCode that ended is kept for a day
  const carried: Row = {
    ...idle, cli: 'opencode', sighting_source: 'opencode.log', rule: 'opencode.log.loop@1.18', says: 'working', session_id: 's2', pid: 77, start_ticks: 5,
  } // biome-ignore format: a row
  const tables: Record<string, readonly Row[]> = {
    latest_agent_processes: [process4242],
    latest_pty_panes: [pane],
    latest_agent_sightings: [idle, record, carried],
    agent_sessions: [session],
  }
  const { judge, ended, overtaken, begun } = world(tables, { up: true, partial: false })
  const [state] = (await judge(at(10_000))).get('latest_agent_states') ?? []
  expect(state?.rule).toBe('claude.transcript.turn_end@2.1')
  expect([ended, overtaken, begun]).toEqual([[], [], []])
})
