import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { assessAgents } from '../../src/oracle/agent-assess.ts'
import { NOW, processRow } from './process-row.ts'

const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

const codex = (pid: number, over: Row = {}): Row =>
  processRow(pid, { cli: 'codex', tty: 'pts/1', cwd: '/srv/code/a', ...over })
const terminal = codex(7)
const server = codex(9, { detached: true, tty: null })
const session: Row = { cli: 'codex', session_id: 't1', cwd: '/srv/code/a', started_at: at(1), last_activity_at: at(2) }
const word = (source: string, over: Row = {}): Row => ({
  collected_at: NOW,
  cli: 'codex',
  tier: source === 'codex.server' ? 'live' : 'transcript',
  sighting_source: source,
  subject: 'session:t1',
  session_id: 't1',
  says: 'working',
  rule: `${source}.turn@0.169`,
  reason: source === 'codex.server' ? 'its turn goes on' : null,
  as_of: at(2),
  since: at(2),
  gone: false,
  ...over,
})
const SERVED = [word('codex.threads'), word('codex.server')]

/** One look after another; what was known stays. */
const watching = (sessions: readonly Row[] = [session]) => {
  const tables: { agents: readonly Row[]; aliases: readonly Row[]; states: readonly Row[] } = {
    agents: [],
    aliases: [],
    states: [],
  }
  return (processes: readonly Row[], sightings: readonly Row[], seconds: number) => {
    const outcome = assessAgents({
      machineId: 'atlas',
      now: at(seconds),
      bootId: 'boot-a',
      processesKnown: true,
      processes,
      panes: [],
      sightings,
      sessions,
      ...tables,
      readers: { readTitle: () => null },
    })
    if (outcome.agents.rows.length > 0) tables.agents = outcome.agents.rows
    if (outcome.aliases.rows.length > 0) tables.aliases = [...tables.aliases, ...outcome.aliases.rows]
    tables.states = outcome.states.rows
    return {
      state: outcome.states.rows[0]?.state,
      reason: outcome.states.rows[0]?.reason,
      ended: tables.agents[0]?.ended,
    }
  }
}

test('a Codex whose terminal was closed within a turn works until its server ends the turn', () => {
  const look = watching()
  look([terminal, server], SERVED, 5)
  expect(look([server], SERVED, 10)).toEqual({ state: 'working', reason: 'its turn goes on', ended: null })
  expect(look([server], SERVED, 20)).toMatchObject({ state: 'working', ended: null })
  expect(look([server], [word('codex.threads', { says: 'turn_finished' })], 30)).toMatchObject({
    state: 'dead',
    ended: at(30),
  })
})

test('what it asked before stays asked: nobody can answer there', () => {
  const look = watching()
  const title = word('codex.title', { tier: 'live', says: 'needs_approval', rule: 'codex.title.action@0.169' })
  expect(look([terminal, server], [...SERVED, title], 5).state).toBe('needs_approval')
  expect(look([server], SERVED, 10)).toMatchObject({ state: 'needs_approval', reason: 'its turn goes on', ended: null })
  expect(look([server], SERVED, 20).state).toBe('needs_approval')
})

test('without a server that runs its thread, or without any server, it is dead', () => {
  const own = watching()
  own([terminal, server], [word('codex.threads')], 5)
  expect(own([server], [word('codex.threads')], 10)).toMatchObject({ state: 'dead', ended: at(10) })
  const gone = watching()
  gone([terminal, server], SERVED, 5)
  expect(gone([{ ...server, gone: true }], SERVED, 10).state).toBe('dead')
})

test('the word of the server decides nothing while there is a terminal', () => {
  const title = word('codex.title', { tier: 'live', says: 'needs_approval', rule: 'codex.title.action@0.169' })
  const { state, reason } = watching()([terminal, server], [...SERVED, title], 5)
  expect([state, reason]).toEqual(['needs_approval', null])
})

test('whoever has no process left ends before the process table is read again', () => {
  const look = watching()
  look([terminal], [], 5)
  const left = word('process', { tier: 'death', says: 'dead', rule: 'process.left@1', pid: 7, start_ticks: 700n })
  expect(look([terminal], [{ ...left, start_ticks: 1n }], 6).ended).toBeNull()
  expect(look([terminal], [left], 7)).toMatchObject({ state: 'dead', reason: 'no live process', ended: at(7) })
  expect(look([terminal], [left], 9).ended).toEqual(at(7))
})

test('a terminal that closed before the look that found its first thread leaves its turn to the server', () => {
  const look = watching([])
  look([terminal, server], [], 1)
  const left = word('process', {
    tier: 'death',
    says: 'dead',
    rule: 'process.left@1',
    session_id: null,
    pid: 7,
    start_ticks: 700n,
  })
  const [threads, served] = SERVED.map((row) => ({ ...row, cwd: '/srv/code/a' }))
  expect(look([terminal, server], [left, threads ?? {}, served ?? {}], 5)).toEqual({
    state: 'working',
    reason: 'its turn goes on',
    ended: null,
  })
  expect(look([server], [threads ?? {}, served ?? {}], 12)).toMatchObject({ state: 'working', ended: null })
})

test('a process that outlives its terminal does not work for ever at the prompt that it was given there', () => {
  const prompt = word('gemini.transcript', { cli: 'gemini', session_id: 'g1' })
  const gemini = (tty: string | null): Row => processRow(7, { cli: 'gemini', tty, cwd: '/srv/code/a' })
  const sessions = [{ ...session, cli: 'gemini', session_id: 'g1' }]
  const look = watching(sessions)
  look([gemini('pts/1')], [prompt], 5)
  for (const seconds of [10, 20])
    expect(look([gemini(null)], [prompt], seconds)).toEqual({
      state: 'unknown',
      reason: 'its terminal is closed, its process goes on',
      ended: null,
    })
  expect(watching(sessions)([gemini(null)], [prompt], 10).state).toBe('working')
})
