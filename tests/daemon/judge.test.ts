import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { openJudge } from '../../src/daemon/judge.ts'
import type { Store } from '../../src/store/index.ts'

const FLEET_READ_MS = 500

vi.mock('../../src/queries/fleet-rows.ts', () => ({
  readFleetRows: async () => {
    await new Promise((done) => setTimeout(done, FLEET_READ_MS))
    return { machines: [], scrapes: [], sys: [], filesystems: [], agents: [], alerts: [], repos: [] }
  },
}))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const open = (looked: () => Promise<void> = async () => undefined) => {
  const seen = { agents: 0, fleet: 0 }
  const judge = openJudge({
    store: { db: null, write: async () => ({ ok: true }) } as unknown as Store,
    plan: () => ({ machines: [{ machineId: 'atlas', local: true, enabled: true, sources: [] }] }),
    facts: async () => null,
    way: () => null,
    agents: async () => {
      seen.agents++
      return []
    },
    looked,
    now: () => new Date(),
    log: silentLog,
    onJudged: async () => {
      seen.fleet++
    },
  })
  return { judge, seen }
}

test('on a busy machine the fleet rests, but states of agents follow within two seconds', async () => {
  const { judge, seen } = open()
  const first = judge.run(true)
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await first
  expect(seen).toEqual({ agents: 1, fleet: 1 })
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(seen).toEqual({ agents: 2, fleet: 1 })
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(seen).toEqual({ agents: 3, fleet: 1 })
})

test('what was touched while the fleet rested is judged when the rest ends', async () => {
  const { judge, seen } = open()
  const first = judge.run(true)
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await first
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(10_000 + FLEET_READ_MS)
  expect(seen.fleet).toBe(2)
  const end = judge.stop()
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await end
})

test('while everything is looked at, touches gather for longer, but not for ever', async () => {
  const { judge, seen } = open()
  const release = judge.hold()
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(9_999)
  expect(seen).toEqual({ agents: 0, fleet: 0 })
  await vi.advanceTimersByTimeAsync(1 + FLEET_READ_MS)
  expect(seen).toEqual({ agents: 1, fleet: 1 })
  release()
  release()
  const again = judge.hold()
  again()
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(seen.agents).toBe(2)
})

test('after a stop nothing is judged any more, whatever is touched', async () => {
  const { judge, seen } = open()
  judge.touch('atlas')
  const end = judge.stop()
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await end
  // What was touched before is still judged, for whoever reads the file next.
  expect(seen).toEqual({ agents: 1, fleet: 1 })
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(seen).toEqual({ agents: 1, fleet: 1 })
})

test('a judgement that fails is said, and the next one is made all the same', async () => {
  const said: string[] = []
  const quiet = (): void => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: (_fields: unknown, text: string) => said.push(text) }
  const state = { broken: true, judged: 0 }
  const judge = openJudge({
    store: { db: null, write: async () => ({ ok: true }) } as unknown as Store,
    plan: () => ({ machines: [{ machineId: 'atlas', local: true, enabled: true, sources: [] }] }),
    facts: async () => null,
    way: () => null,
    agents: async () => {
      if (state.broken) throw new Error('no disk')
      state.judged++
      return []
    },
    looked: async () => undefined,
    now: () => new Date(),
    log: log as unknown as typeof silentLog,
  })
  await judge.run(true)
  expect(said).toEqual(['judging failed'])
  state.broken = false
  const again = judge.run(true)
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await again
  expect(state.judged).toBe(1)
  const end = judge.stop()
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await end
})

test('nothing is judged before it was looked at, and a stop does not wait for that', async () => {
  const woken = Promise.withResolvers<void>()
  const { judge, seen } = open(() => woken.promise)
  judge.touch('atlas')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(seen).toEqual({ agents: 0, fleet: 0 })
  woken.resolve()
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  expect(seen).toEqual({ agents: 1, fleet: 1 })
  const other = open(() => new Promise(() => undefined))
  other.judge.touch('atlas')
  const end = other.judge.stop()
  await vi.advanceTimersByTimeAsync(FLEET_READ_MS)
  await end
  expect(other.seen).toEqual({ agents: 1, fleet: 1 })
})

test('a state of an agent waits for no company, what else is found of agents does', async () => {
  const soon: unknown[] = []
  const tables = ['agents', 'latest_agent_states']
  const judge = openJudge({
    store: {
      db: null,
      write: async (change: { source: string; soon?: boolean }) => {
        if (change.source === 'oracle.agents') soon.push(change.soon)
        return { ok: true }
      },
    } as unknown as Store,
    plan: () => ({ machines: [{ machineId: 'atlas', local: true, enabled: true, sources: [] }] }),
    facts: async () => null,
    way: () => null,
    agents: async () => [{ table: tables.shift() ?? '', rows: [{ agent_id: 'a' }] }],
    looked: async () => undefined,
    now: () => new Date(),
    log: silentLog,
  })
  for (let turn = 0; turn < 2; turn++) {
    judge.touch('atlas')
    await vi.advanceTimersByTimeAsync(2_000)
  }
  expect(soon).toEqual([false, true])
})
