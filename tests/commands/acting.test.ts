import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ActDoor, firstDoor, ownDoor, socketDoor } from '../../src/commands/act-door.ts'
import { type ActTokens, openActTokens } from '../../src/commands/act-tokens.ts'
import { type Acting, openActing } from '../../src/commands/acting.ts'
import { agentMakers } from '../../src/commands/agent-act/index.ts'
import type { AgentReach } from '../../src/commands/agent-act/reach.ts'
import type { Caller } from '../../src/commands/caller.ts'
import type { ActWish } from '../../src/core/action.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { agentNamed, auditRows, openStore, type Store } from '../../src/store/index.ts'
import { NoDaemon } from '../../src/transport/socket-client.ts'
import { createApp } from '../../src/web/app.ts'
import { serveSocket } from '../../src/web/socket-server.ts'
import { tempDir } from '../store/support.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const now = (): Date => NOW
const PERSON: Caller = { pid: 1, agent: null, terminal: true }

const agentRow = (id: string, over: Row = {}): Row => ({
  agent_id: `atlas/${id}`, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: NOW, ended: null,
  session_id: null, cwd: '/home/dev', boot_id: 'b1', root_pid: 77, root_start_ticks: 770, tty: 'pts/1',
  pane_key: '/tmp/t.sock:1:%0', session_name: 'main', ...over,
}) // biome-ignore format: a table of values

/** Nothing is reachable: these stories are about doors and vc's own rows. */
const NOWHERE: AgentReach = {
  look: async () => ({ code: 'no_terminal_seen', message: 'no terminal', fix: 'attach' }),
  foresee: async () => 'do nothing',
  check: async () => ({ code: 'no_terminal_seen', message: 'no terminal', fix: 'attach' }),
  carryOut: async () => ({ code: 'no_terminal_seen', message: 'no terminal', fix: 'attach' }),
  press: async () => ({ code: 'no_terminal_seen', message: 'no terminal', fix: 'attach' }),
}

interface Owner {
  readonly store: Store
  readonly acting: Acting
}

const openOwner = async (
  dataDir: string,
  tokens: ActTokens,
  over: { readonly flags?: Readonly<Record<string, boolean>>; readonly stomp?: (store: Store) => Promise<void> } = {},
): Promise<Owner> => {
  const store = await openStore({ dataDir, groupWindowMs: 5, now })
  const acting = await openActing({
    store,
    machines: () => [{ id: 'atlas', enabled: true, allow_write_commands: true, ...over.flags }],
    makers: agentMakers({
      db: store.db,
      reach: NOWHERE,
      now,
      settled: async () => over.stomp?.(store),
      keep: async (change) => void (await store.write({ ...change, at: now(), awaited: true })),
    }),
    tokens,
    now,
    log: silentLog,
    lookAtCaller: async () => PERSON,
  })
  return { store, acting }
}

const put = async (store: Store, ...rows: readonly Row[]): Promise<void> => {
  const batches = [{ table: 'agents', rows }]
  await store.write({ machineId: 'atlas', source: 'test', at: NOW, batches, awaited: true })
}

const opened = async (over: Parameters<typeof openOwner>[2] = {}): Promise<Owner> => {
  const owner = await openOwner(tempDir(), openActTokens(now), over)
  onTestFinished(async () => void (await owner.store.close()))
  await put(
    owner.store,
    agentRow('claude-1'),
    agentRow('claude-2', { pane_key: null }),
    agentRow('claude-3', { kind: 'managed' }),
    agentRow('codex-1', { ended: NOW }),
  )
  return owner
}

const wish = (verb: string, agent: string, origin: ActWish['origin'] = 'person'): ActWish => ({
  verb,
  params: { agent },
  origin,
  actor: 'ana',
})
const body = (given: unknown) => ({ wish: given, caller: { pid: process.pid, terminal: true } })

const doneBy = async ({ acting }: Owner, verb: string, agent: string) => {
  const proposed = await acting.propose(body(wish(verb, agent)))
  if (proposed.verdict === 'acted') return proposed.acted
  return acting.confirm({ token: proposed.token, yes: true, caller: { pid: process.pid, terminal: true } })
}

describe('adopting', () => {
  test('an observed agent becomes adopted and observed again, each with an event', async () => {
    const owner = await opened()
    expect(await doneBy(owner, 'agent.adopt', 'claude-1')).toMatchObject({
      outcome: 'recorded',
      effects: [{ observed: true }],
    })
    expect((await agentNamed(owner.store.db, 'atlas/claude-1'))?.kind).toBe('adopted')
    expect((await doneBy(owner, 'agent.adopt', 'claude-1')).refusal?.code).toBe('nothing_to_do')
    expect((await doneBy(owner, 'agent.release', 'claude-1')).outcome).toBe('recorded')
    const kinds = await owner.store.db.rows<{ kind: string }>(
      "SELECT kind FROM agent_events WHERE agent_id = 'atlas/claude-1' ORDER BY rowid",
    )
    expect(kinds.map(({ kind }) => kind)).toEqual(['observed', 'adopted', 'observed'])
  })

  test.each([
    ['agent.send', 'claude-1', 'agent_observed'],
    ['agent.approve', 'claude-1', 'agent_observed'],
    ['agent.adopt', 'claude-2', 'no_terminal_seen'],
    ['agent.adopt', 'claude-3', 'agent_managed'],
    ['agent.release', 'claude-1', 'nothing_to_do'],
    ['agent.adopt', 'codex-1', 'agent_ended'],
    ['agent.interrupt', 'claude-3', 'no_terminal_seen'],
  ])('%s of %s is refused: %s', async (verb, agent, code) => {
    const owner = await opened()
    const proposed = await owner.acting.propose(body({ ...wish(verb, agent), params: { agent, text: 'x' } }))
    const acted = proposed.verdict === 'acted' ? proposed.acted : await doneBy(owner, verb, agent)
    expect(acted).toMatchObject({ outcome: 'refused', refusal: { code, fix: expect.stringMatching(/./) } })
    expect((await auditRows(owner.store.db, acted.auditId)).at(-1)?.code).toBe(code)
  })

  test('whoever would adopt an agent of vc is not told to stop it', async () => {
    const owner = await opened()
    expect((await doneBy(owner, 'agent.adopt', 'claude-3')).refusal?.fix).toBe('vc agent show atlas/claude-3')
    expect((await doneBy(owner, 'agent.release', 'claude-3')).refusal?.fix).toBe('vc agent stop atlas/claude-3')
  })

  test('a judgement that puts the old row back once is written over; one that insists is not called done', async () => {
    let rounds = 1
    const stomp = async (store: Store): Promise<void> => {
      if (rounds-- > 0) await put(store, agentRow('claude-1'))
    }
    const owner = await opened({ stomp })
    expect((await doneBy(owner, 'agent.adopt', 'claude-1')).outcome).toBe('recorded')
    await doneBy(owner, 'agent.release', 'claude-1')
    rounds = 99
    expect(await doneBy(owner, 'agent.adopt', 'claude-1')).toMatchObject({
      outcome: 'outcome_unknown',
      effects: [{ observed: false }],
    })
  })

  test('nothing is adopted on a machine that vc may not change', async () => {
    const owner = await opened({ flags: { allow_write_commands: false } })
    expect((await doneBy(owner, 'agent.adopt', 'claude-1')).refusal?.code).toBe('writes_not_allowed')
  })

  test('a name that several agents share is exit 2, and so is one that nobody has', async () => {
    const owner = await opened()
    await expect(doneBy(owner, 'agent.adopt', 'claude')).rejects.toMatchObject({ code: 'ambiguous_agent', exitCode: 2 })
    await expect(doneBy(owner, 'agent.adopt', 'nobody')).rejects.toMatchObject({ code: 'unknown_agent', exitCode: 2 })
  })
})

describe('doors', () => {
  const served = async (acting: Acting): Promise<ActDoor> => {
    const path = join(tempDir(), 'vc.sock')
    const app = createApp({
      version: '0',
      startedAt: NOW,
      ask: () => Promise.reject(new Error('not asked')),
      robot: () => Promise.reject(new Error('not asked')),
      act: acting,
      log: silentLog,
    })
    const server = await serveSocket(app, path)
    onTestFinished(() => server.close())
    return socketDoor(path)
  }

  test('a question and its answer go through the daemon’s socket', async () => {
    const { acting, store } = await opened()
    const door = await served(acting)
    const proposed = await door.propose(wish('agent.adopt', 'claude-1'), true)
    if (proposed.verdict !== 'ask') throw new Error('not asked')
    expect((await door.confirm(proposed.token, true, true)).outcome).toBe('recorded')
    await expect(door.confirm(proposed.token, true, true)).rejects.toMatchObject({ code: 'bad_token', exitCode: 4 })
    expect((await agentNamed(store.db, 'atlas/claude-1'))?.kind).toBe('adopted')
  })

  test('nobody can come through a door as vc itself', async () => {
    const door = await served((await opened()).acting)
    await expect(door.propose(wish('agent.adopt', 'claude-1', 'guardian'), true)).rejects.toMatchObject({
      code: 'bad_act',
      exitCode: 2,
    })
  })

  test('what is no action is exit 2', async () => {
    const { acting } = await opened()
    const whole = { wish: wish('agent.adopt', 'x'), caller: { pid: 1, terminal: true } }
    const wrong: readonly (readonly [string, unknown])[] = [
      ['nothing', null],
      ['a list', []],
      ['no wish', {}],
      ['no caller', { wish: whole.wish }],
      ['a made-up caller', { ...whole, caller: { pid: -1, terminal: true } }],
      ['a wish without verb', { ...whole, wish: { params: {}, origin: 'person', actor: 'ana' } }],
      ['params that are none', { ...whole, wish: { ...whole.wish, params: 'x' } }],
      ['an inherited origin', { ...whole, wish: { ...whole.wish, origin: 'constructor' } }],
    ]
    for (const [name, given] of wrong) {
      await expect(acting.propose(given), name).rejects.toMatchObject({ exitCode: 2 })
      await expect(acting.confirm(given), name).rejects.toMatchObject({ exitCode: 2 })
    }
  })

  test('a daemon that is lost after the yes leaves an outcome nobody knows: exit 5, never a retry', async () => {
    const path = join(tempDir(), 'vc.sock')
    const server = createServer((request) => request.socket.destroy()).listen(path)
    onTestFinished(async () => void (await new Promise((done) => server.close(done))))
    await expect.poll(() => server.listening).toBe(true)
    const door = socketDoor(path)
    await expect(door.confirm('t', true, true)).rejects.toMatchObject({ code: 'outcome_unknown', exitCode: 5 })
    const nobody = socketDoor(join(tempDir(), 'nobody.sock'))
    await expect(nobody.confirm('t', true, true)).rejects.toMatchObject({ code: 'daemon_gone', exitCode: 4 })
  })

  test('without a daemon this process asks and acts, and lets go of the store while the person thinks', async () => {
    const dataDir = tempDir()
    const tokens = openActTokens(now)
    const first = await openStore({ dataDir, groupWindowMs: 5, now })
    await put(first, agentRow('claude-1'))
    await first.close()
    const own = ownDoor(async () => {
      const { acting, store } = await openOwner(dataDir, tokens)
      return { acting, close: () => store.close() }
    })
    const door = firstDoor(socketDoor(join(dataDir, 'nobody.sock')), own, async () => false)
    const proposed = await door.propose(wish('agent.adopt', 'claude-1'), true)
    if (proposed.verdict !== 'ask') throw new Error('not asked')
    const meanwhile = await openStore({ dataDir, groupWindowMs: 5, now })
    await meanwhile.close()
    expect((await door.confirm(proposed.token, true, true)).outcome).toBe('recorded')
    await door.close()
  })
})

test('a daemon that comes while its lock stands in the way is the one that is asked', async () => {
  const asked: string[] = []
  const doorOf = (name: string, refuses: boolean): ActDoor => ({
    async propose() {
      asked.push(name)
      if (refuses && asked.length === 1) throw new NoDaemon('absent', 'vc.sock')
      return { verdict: 'acted' } as never
    },
    confirm: async () => ({}) as never,
    close: async () => undefined,
  })
  const door = firstDoor(doorOf('daemon', true), doorOf('here', false), async () => true)
  await door.propose(wish('agent.adopt', 'claude-1'), true)
  expect(asked).toEqual(['daemon', 'daemon'])
})

describe('an owner that dies', () => {
  test('leaves an intent that the next owner of the store calls unknown as it starts', async () => {
    const dataDir = tempDir()
    const before = await openOwner(dataDir, openActTokens(now))
    await put(before.store, agentRow('claude-1'))
    const { token } = (await before.acting.propose(body(wish('agent.adopt', 'claude-1')))) as { token: string }
    // Dies right after the intent is committed: no write of its own comes through any more.
    const write = before.store.write.bind(before.store)
    let writes = 0
    before.store.write = (change) => (writes++ === 0 ? write(change) : new Promise(() => undefined))
    void before.acting.confirm({ token, yes: true, caller: { pid: process.pid, terminal: true } })
    await expect.poll(async () => (await auditRows(before.store.db, 'a-')).length).toBe(1)
    await before.store.close()
    const after = await openOwner(dataDir, openActTokens(now))
    onTestFinished(() => after.store.close())
    const rows = await auditRows(after.store.db, 'a-')
    expect(rows.map((row) => [row.step, row.outcome, row.code])).toEqual([
      ['intent', null, null],
      ['result', 'outcome_unknown', 'owner_died'],
    ])
    await expect(after.acting.confirm({ token, yes: true, caller: { pid: 1, terminal: true } })).rejects.toMatchObject({
      code: 'bad_token',
    })
  })
})
