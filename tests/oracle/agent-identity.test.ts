import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTitle } from '../../src/collectors/agent-evidence/title.ts'
import type { Row } from '../../src/core/rows.ts'
import { assessAgents } from '../../src/oracle/agent-assess.ts'
import { type IdentityInput, identifyAgents, mintAgentId } from '../../src/oracle/agent-identity.ts'
import { NOW, processRow } from './process-row.ts'

const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000)

const process = (pid: number, over: Row = {}): Row =>
  processRow(pid, { cli: 'claude', how: 'exe', tty: `pts/${pid}`, state: 'S', cwd: `/home/dev/w${pid}`, ...over })
const registry = (pid: number, session: string, over: Row = {}): Row => ({
  collected_at: NOW,
  cli: 'claude',
  tier: 'live',
  sighting_source: 'claude.registry',
  subject: `pid:${pid}:${pid * 100}`,
  pid,
  start_ticks: BigInt(pid * 100),
  session_id: session,
  says: 'working',
  rule: 'claude.registry.busy@2.1',
  reason: null,
  as_of: NOW,
  since: NOW,
  until_at: null,
  gone: false,
  ...over,
})
const pane = (tty: string, over: Row = {}): Row => ({
  collected_at: NOW,
  socket: '/tmp/tmux-0/default',
  server_start_epoch_s: 7,
  pane_id: '%1',
  session_name: 'main',
  tty: `/dev/${tty}`,
  title: '✳ x',
  dead: false,
  gone: false,
  ...over,
})

const input = (over: Partial<IdentityInput> = {}): IdentityInput => ({
  machineId: 'atlas',
  now: NOW,
  bootId: 'boot-a',
  processesKnown: true,
  processes: [],
  panes: [],
  sightings: [],
  sessions: [],
  agents: [],
  aliases: [],
  ...over,
})

interface Store {
  readonly agents: readonly Row[]
  readonly aliases: readonly Row[]
}
const EMPTY: Store = { agents: [], aliases: [] }

/** What the store holds after a step: rows by key, newest wins. */
const followed = (before: Store, over: Partial<IdentityInput>): Store & { ids: readonly string[]; changed: number } => {
  const out = identifyAgents(input({ ...before, ...over }))
  const agents = new Map([...before.agents, ...out.agents].map((row) => [row.agent_id, row]))
  const aliases = new Map([...before.aliases, ...out.aliases].map((row) => [row.alias, row]))
  return {
    agents: [...agents.values()],
    aliases: [...aliases.values()],
    ids: out.live.map((entry) => entry.agentId),
    changed: out.agents.length + out.aliases.length,
  }
}
const ended = (store: Store, id: string | undefined): unknown => store.agents.find((row) => row.agent_id === id)?.ended

describe('a lasting name for every session', () => {
  test('is minted once, short, and joins process, session and pane', () => {
    const one = followed(EMPTY, { processes: [process(5)], sightings: [registry(5, 's1')], panes: [pane('pts/5')] })
    expect(one.ids[0]).toMatch(/^atlas\/claude-[a-z2-7]{4}$/)
    expect(one.aliases.map((row) => row.alias).sort()).toEqual([
      'pane:/tmp/tmux-0/default:7:%1',
      'proc:boot-a:5:500',
      'session:claude:s1',
    ])
    expect(one.agents[0]).toMatchObject({ kind: 'observed', session_id: 's1', session_name: 'main', ended: null })
  })

  test('stays when the process restarts and resumes the same session', () => {
    const one = followed(EMPTY, { processes: [process(5)], sightings: [registry(5, 's1')] })
    const down = followed(one, { now: later(1) })
    expect(ended(down, one.ids[0])).toEqual(later(1))
    const up = followed(down, { now: later(2), processes: [process(9)], sightings: [registry(9, 's1')] })
    expect(up.ids).toEqual(one.ids)
    expect(ended(up, one.ids[0])).toBeNull()
  })

  test.each([
    ['a reused pid', { processes: [process(5, { start_ticks: 900n, root_start_ticks: 900n })] }],
    ['a reboot with the same pid and ticks', { bootId: 'boot-b', processes: [process(5, { boot_id: 'boot-b' })] }],
    [
      'a new tmux server with the same pane id',
      { processes: [process(6)], panes: [pane('pts/6', { server_start_epoch_s: 8 })] },
    ],
    ['another agent started in the same pane', { processes: [process(6)], panes: [pane('pts/6')] }],
  ])('%s is somebody new, and the old one has ended', (_name, next) => {
    const one = followed(EMPTY, { processes: [process(5)], panes: [pane('pts/5')] })
    const two = followed(one, { now: later(1), ...next })
    expect(two.ids).toHaveLength(1)
    expect(two.ids).not.toEqual(one.ids)
    expect(ended(two, one.ids[0])).toEqual(later(1))
  })

  test('a session id learnt late merges the newcomer into the older name', () => {
    const one = followed(EMPTY, { processes: [process(5)], sightings: [registry(5, 's1')] })
    const down = followed(one, { now: later(1) })
    const unnamed = followed(down, { now: later(2), processes: [process(9)] })
    expect(unnamed.ids).not.toEqual(one.ids)
    const named = followed(unnamed, { now: later(3), processes: [process(9)], sightings: [registry(9, 's1')] })
    expect(named.ids).toEqual(one.ids)
    expect(named.aliases.find((row) => row.alias === `agent:${unnamed.ids[0]}`)?.agent_id).toBe(one.ids[0])
    expect(ended(named, unnamed.ids[0])).toEqual(later(3))
  })

  test('two live processes of one session stay two', () => {
    const one = followed(EMPTY, { processes: [process(5)], sightings: [registry(5, 's1')] })
    const two = followed(one, {
      now: later(1),
      processes: [process(5), process(9)],
      sightings: [registry(5, 's1'), registry(9, 's1')],
    })
    expect(new Set(two.ids).size).toBe(2)
  })

  test('background servers and children are no agents', () => {
    expect(followed(EMPTY, { processes: [process(5, { detached: true }), process(6, { root_pid: 7 })] }).ids).toEqual(
      [],
    )
  })

  test('nobody ends because the process table could not be read', () => {
    const one = followed(EMPTY, { processes: [process(5)] })
    expect(ended(followed(one, { now: later(1), processesKnown: false }), one.ids[0])).toBeNull()
  })

  test('a taken id is never given again', () => {
    const first = mintAgentId('atlas', 'claude', 'seed', new Set())
    expect(mintAgentId('atlas', 'claude', 'seed', new Set([first]))).not.toBe(first)
    expect(mintAgentId('atlas', 'claude', 'seed', new Set())).toBe(first)
  })
})

describe('for any history', () => {
  const step = fc.uniqueArray(
    fc.record({ pid: fc.integer({ min: 1, max: 5 }), session: fc.option(fc.constantFrom('s1', 's2', 's3')) }),
    { selector: (item) => item.pid, maxLength: 4 },
  )
  test('the same look twice changes nothing, live ids are distinct and none is reused after its end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        let store: Store = EMPTY
        steps.forEach((items, index) => {
          const over = {
            now: later(index),
            processes: items.map((item) => process(item.pid)),
            sightings: items.flatMap((item) => (item.session === null ? [] : [registry(item.pid, item.session)])),
          }
          const next = followed(store, over)
          expect(new Set(next.ids).size).toBe(items.length)
          expect(followed(next, over).changed).toBe(0)
          store = next
        })
      }),
    )
  })
})

describe('states beside the names', () => {
  const assess = (over: Partial<IdentityInput>) => assessAgents({ ...input(over), readers: { readTitle } })

  test('come from stored rows: registry, pane and tree', () => {
    const out = assess({ processes: [process(5)], sightings: [registry(5, 's1')], panes: [pane('pts/5')] })
    expect(out.states.rows).toEqual([
      expect.objectContaining({ state: 'working', rule: 'claude.registry.busy@2.1', judged_at: NOW }),
    ])
    expect(String(out.states.rows[0]?.losers_json)).toContain('claude.title')
  })
  test('a title seen after the pane was looked at takes its place, also when it says nothing', () => {
    const fresh = (says: string, rule: string): Row =>
      registry(0, '', {
        cli: 'codex', pid: null, start_ticks: null, session_id: null, pane_key: '/tmp/tmux-0/default:7:%1',
        subject: 'pane:/tmp/tmux-0/default:7:%1', sighting_source: 'codex.title', says, rule, as_of: NOW,
      }) // biome-ignore format: one row
    const facts = {
      processes: [process(5, { cli: 'codex' })],
      panes: [pane('pts/5', { title: '⠋ app', collected_at: later(-1) })],
    }
    const state = (sightings: readonly Row[]) => assess({ ...facts, sightings }).states.rows[0]
    expect(state([])).toMatchObject({ state: 'working', rule: 'codex.title.busy@0.169' })
    expect(state([fresh('needs_approval', 'codex.title.action@0.169')])).toMatchObject({ state: 'needs_approval' })
    // a pane looked at since then says the same without knowing since when
    const busy = {
      ...fresh('working', 'codex.title.busy@0.169'),
      as_of: later(-5),
      since: later(-5),
      collected_at: later(-1),
    }
    expect(state([busy])).toMatchObject({ state: 'working', since: later(-5) })
    expect(state([fresh('unknown', 'codex.title.nothing@')])).toMatchObject({ state: 'unknown' })
    expect(state([{ ...fresh('idle', 'codex.title.rest@0.169'), as_of: later(-2) }])).toMatchObject({
      state: 'working',
    })
  })
  test('a transcript of the session explains an idle registry', () => {
    const transcript = registry(0, 's1', {
      pid: null,
      start_ticks: null,
      subject: 'session:s1',
      tier: 'transcript',
      sighting_source: 'claude.transcript',
      says: 'failed',
      rule: 'claude.transcript.error@2.1',
      reason: 'server_error 500',
    })
    const idle = registry(5, 's1', { says: 'idle', rule: 'claude.registry.idle@2.1' })
    expect(assess({ processes: [process(5)], sightings: [idle, transcript] }).states.rows[0]).toMatchObject({
      state: 'failed',
      reason: 'server_error 500',
    })
  })
  test('a stopped tree is stalled, an ended one dead, once', () => {
    expect(assess({ processes: [process(5, { state: 'T' })] }).states.rows[0]).toMatchObject({ state: 'stalled' })
    const one = followed(EMPTY, { processes: [process(5)] })
    const down = assess({ ...one, now: later(1) })
    expect(down.states.rows).toEqual([
      expect.objectContaining({ agent_id: one.ids[0], state: 'dead', rule: 'process.gone@1' }),
    ])
    expect(assess({ ...followed(one, { now: later(1) }), now: later(2) }).states.rows).toEqual([])
  })
  test("another agent's sighting is not borrowed", () => {
    const out = assess({ processes: [process(5)], sightings: [registry(6, 's2')] })
    expect(out.states.rows[0]).toMatchObject({ state: 'unknown' })
  })
})
