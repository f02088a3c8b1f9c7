// Codex, Gemini and OpenCode name no process in their files: whose session it is follows from its directory and its times.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { identifyAgents } from '../../src/oracle/agent-identity.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000)

const codex = (pid: number, startedAt: Date = NOW): Row => ({
  boot_id: 'boot-a', pid, start_ticks: BigInt(pid * 100), root_pid: pid, root_start_ticks: BigInt(pid * 100), cli: 'codex',
  tty: `pts/${pid}`, state: 'S', cwd: '/w', started_at: startedAt, detached: false, gone: false,
}) // biome-ignore format: one row
const thread = (id: string, startedAt: Date, activeAt: Date): Row => ({
  cli: 'codex', session_id: id, cwd: '/w', is_subagent: false, started_at: startedAt, last_activity_at: activeAt,
}) // biome-ignore format: one row

/** A thread as Codex's own index tells of it, before its rollout was read. */
const told = (id: string, at: Date, over: Row = {}): Row => ({
  cli: 'codex', sighting_source: 'codex.threads', session_id: id, cwd: '/w', as_of: at, gone: false, ...over,
}) // biome-ignore format: one row

const paneOf = ({ pid, tty }: Row): Row => ({
  socket: '/tmp/s', server_start_epoch_s: 1, pane_id: `%${pid}`, tty: `/dev/${tty}`, gone: false, dead: false,
}) // biome-ignore format: one row

/** Since when the title over a process says what it says. */
const title = (pid: number, since: Date | null): Row => ({
  cli: 'codex', sighting_source: 'codex.title', pane_key: `/tmp/s:1:%${pid}`, since, gone: false,
}) // biome-ignore format: one row

/** A machine looked at again and again; each look says which session and which agent every process has. */
const machine = () => {
  let agents: readonly Row[] = []
  let aliases: readonly Row[] = []
  const newest = (key: string, rows: readonly Row[]): readonly Row[] => [
    ...new Map(rows.map((row) => [row[key], row])).values(),
  ]
  return (
    now: Date,
    processes: readonly Row[],
    sessions: readonly Row[],
    sightings: readonly Row[] = [],
    screen = {},
  ) => {
    const panes = processes.map((process) => ({ ...paneOf(process), ...screen }))
    const facts = { machineId: 'atlas', bootId: 'boot-a', processesKnown: true, panes, sightings }
    const out = identifyAgents({ ...facts, now, processes, sessions, agents, aliases })
    agents = newest('agent_id', [...agents, ...out.agents])
    aliases = newest('alias', [...aliases, ...out.aliases])
    return out.live.map(({ agentId, row }) => ({ agentId, pid: row.root_pid, session: row.session_id }))
  }
}
const sessionsOf = (seen: readonly { readonly session: unknown }[]): readonly unknown[] =>
  seen.map((one) => one.session)

test('a thread belongs to the only Codex in its directory, and to nobody when there are two', () => {
  const sessions = [thread('t1', later(1), later(1))]
  expect(sessionsOf(machine()(later(1), [codex(5)], sessions))).toEqual(['t1'])
  expect(sessionsOf(machine()(later(1), [codex(5), codex(6)], sessions))).toEqual([null, null])
})

test('a session of one that left stays with it: who stays in that directory keeps its own', () => {
  const look = machine()
  const [first, second] = [thread('t1', NOW, later(1)), thread('t2', later(5), later(6))]
  expect(sessionsOf(look(later(2), [codex(5)], [first]))).toEqual(['t1'])
  expect(sessionsOf(look(later(7), [codex(5), codex(6, later(5))], [first, second]))).toEqual(['t1', 't2'])
  expect(sessionsOf(look(later(8), [codex(5)], [first, second]))).toEqual(['t1'])
  // a turn outlives its terminal
  expect(sessionsOf(look(later(10), [codex(5)], [first, thread('t2', later(5), later(9))]))).toEqual(['t1'])
  // and what else is active there from then on is its own, also a session that was begun anew
  expect(sessionsOf(look(later(12), [codex(5)], [first, second, thread('t3', later(11), later(12))]))).toEqual(['t3'])
})

test('who resumes the session of one that is gone becomes it, however soon it began and however late that was seen', () => {
  const look = machine()
  const [before] = look(later(1), [codex(5)], [thread('t1', NOW, later(1))])
  // ended and started again between two looks
  expect(sessionsOf(look(later(3), [codex(6, later(2))], [thread('t1', NOW, later(1))]))).toEqual([null])
  expect(look(later(4), [codex(6, later(2))], [thread('t1', NOW, later(3))])).toEqual([
    { agentId: before?.agentId, pid: 6, session: 't1' },
  ])
})

test('a thread that was made with one of two processes is its own, whenever its first prompt came', () => {
  const hex = (NOW.getTime() + 1_000).toString(16).padStart(12, '0')
  const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7451-8e9f-76d9d8649625`
  const seen = machine()(later(10), [codex(5), codex(6, later(9))], [thread(id, later(9), later(9))])
  expect(seen.map(({ pid, session }) => [pid, session])).toEqual([
    [5, id],
    [6, null],
  ])
})

test('a thread of which only the index told is its own at once, also when it was begun anew or taken up again', () => {
  const look = machine()
  const [t1, t2] = [thread('t1', later(1), later(1)), thread('t2', later(3), later(3))]
  expect(sessionsOf(look(later(1), [codex(5)], [], [told('t1', later(1))]))).toEqual(['t1'])
  expect(sessionsOf(look(later(3), [codex(5)], [t1], [told('t1', later(1)), told('t2', later(3))]))).toEqual(['t2'])
  expect(sessionsOf(look(later(5), [codex(5)], [t1, t2], [told('t1', later(5)), told('t2', later(3))]))).toEqual(['t1'])
  const nowhere = told('t9', later(9), { cwd: null })
  const gone = told('t8', later(9), { gone: true })
  expect(sessionsOf(machine()(later(9), [codex(5)], [], [nowhere, gone]))).toEqual([null])
})

test('the thread of one whose terminal was closed stays its own, though its turn ended beside the next', () => {
  const look = machine()
  const server = { ...codex(9), detached: true }
  const turn = [told('t1', later(1)), told('t1', later(1), { sighting_source: 'codex.server' })]
  look(later(1), [codex(5), server], [], turn)
  expect(sessionsOf(look(later(3), [codex(6, later(2)), server], [], turn))).toEqual([null])
  const ended = [told('t1', later(4)), told('t2', later(3))]
  expect(sessionsOf(look(later(5), [codex(6, later(2)), server], [], ended))).toEqual(['t2'])
})

test('of two in one directory, who began anew is the one whose title turned with the turn, and nobody where both did', () => {
  const [before, seconds] = [[told('t5', later(1)), told('t6', later(2))], (n: number) => later(10 + n / 60)]
  const both = [codex(5), codex(6, later(1.5))]
  const known = () => {
    const look = machine()
    look(later(1), [codex(5)], [], before.slice(0, 1))
    look(later(2), [codex(6, later(1.5))], [], before)
    return (titles: readonly Row[], more = told('t7', seconds(0))) =>
      sessionsOf(look(seconds(20), both, [], [...before, more, ...titles]))
  }
  expect(known()([title(5, later(1)), title(6, later(2))])).toEqual(['t5', 't6'])
  expect(known()([title(5, seconds(2)), title(6, later(2))])).toEqual(['t7', 't6'])
  expect(known()([title(5, later(1)), title(6, seconds(-1))])).toEqual(['t5', 't7'])
  expect(known()([title(5, seconds(2)), title(6, seconds(4))])).toEqual(['t5', 't6'])
  expect(known()([title(5, seconds(2)), title(6, null)])).toEqual(['t7', 't6'])
  // what another agent is known by stays its own
  expect(known()([title(5, seconds(2)), title(6, later(2))], told('t6', seconds(0)))).toEqual(['t5', 't6'])
})

test("the thread that a Codex has open is its own, and one without a first prompt is nobody's yet", () => {
  const look = machine()
  const opened = (pid: number, session: string): Row => ({
    cli: 'codex', tier: 'live', sighting_source: 'codex.locks', pid, start_ticks: BigInt(pid * 100), session_id: session, gone: false,
  }) // biome-ignore format: one row
  const told1 = told('t1', later(1))
  expect(sessionsOf(look(later(1), [codex(5)], [], [told1, opened(5, 't1')]))).toEqual(['t1'])
  // who begins as that turn ends does not take it
  const both = [codex(5), codex(6, later(1))]
  expect(sessionsOf(look(later(1.1), both, [], [told1, opened(5, 't1'), opened(6, 't2')]))).toEqual(['t1', null])
  expect(sessionsOf(look(later(2), both, [], [told1, opened(5, 't3'), opened(6, 't2')]))).toEqual([null, null])
  const later3 = [told1, told('t3', later(3)), opened(5, 't3'), opened(6, 't1')]
  expect(sessionsOf(look(later(3), both, [], later3))).toEqual(['t3', 't1'])
})

test('whose screen shows an empty conversation has none until its first prompt, also where its log names the one before', () => {
  const fresh = (at: Date): Row => ({ screen_rule: 'opencode.screen.fresh@1.18', screen_changed_at: at })
  const log = (at: Date, session = 's1'): Row => ({
    cli: 'opencode', tier: 'live', sighting_source: 'opencode.log', pid: 5, start_ticks: 500n, session_id: session, as_of: at, gone: false,
  }) // biome-ignore format: one row
  const process = { ...codex(5), cli: 'opencode' }
  const look = machine()
  expect(sessionsOf(look(later(2), [process], [], [log(later(2))], fresh(later(1))))).toEqual(['s1'])
  expect(sessionsOf(look(later(4), [process], [], [log(later(2))], fresh(later(3))))).toEqual([null])
  expect(sessionsOf(look(later(6), [process], [], [log(later(5), 's2')], fresh(later(3))))).toEqual(['s2'])
  const table = { screen_rule: 'opencode.screen.turn_end@1.18', screen_changed_at: later(7) }
  expect(sessionsOf(look(later(8), [process], [], [log(later(5), 's2')], table))).toEqual(['s2'])
})

test('a turn in its own session explains a title as well: no other session is taken for it', () => {
  const look = machine()
  look(later(1), [codex(5)], [], [told('t5', later(1))])
  const turn = [told('t5', later(10)), told('t9', later(10)), title(5, later(10)), title(6, later(2))]
  expect(sessionsOf(look(later(10.1), [codex(5), codex(6, later(2))], [], turn))[0]).toBe('t5')
})

test('of two that began within seconds the second has its own thread once the first is known by another', () => {
  const id = (at: Date): string => {
    const hex = at.getTime().toString(16).padStart(12, '0')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7451-8e9f-76d9d8649625`
  }
  const [first, second] = [id(later(0.02)), id(later(0.1))]
  const [both, look] = [[codex(5), codex(6, later(0.09))], machine()]
  const prompted = [told(first, later(2)), told(second, later(1))]
  expect(sessionsOf(machine()(later(2), both, [], prompted))).toEqual([null, null])
  expect(sessionsOf(look(later(0.05), [codex(5)], [], [told(first, later(0.05))]))).toEqual([first])
  expect(sessionsOf(look(later(3), both, [], prompted))).toEqual([first, second])
})
