import { describe, expect, test } from 'vitest'
import { agentHealth, type HealthRows } from '../../src/oracle/agent-health.ts'
import { planRecovery } from '../../src/oracle/recovery.ts'

const NOW = 1_000_000_000
const rows = (over: Partial<HealthRows> = {}): HealthRows => ({
  ...{ status: 'running', state: 'idle', endedWhy: null, seenAliveAtMs: NOW - 5_000, paneDead: false },
  ...{ outputAtMs: NOW - 60_000, heartbeatAtMs: NOW - 2_000, memBytes: 5, cpuPct: 1, processes: 2, stopped: false },
  ...over,
})
const health = (over: Partial<HealthRows> = {}) => agentHealth(rows(over), NOW)

describe('health of an agent', () => {
  test('seen just now it is alive and answers', () => {
    expect(health()).toMatchObject({ alive: true, responsive: true, idleMs: 60_000, memBytes: 5 })
  })

  test('a machine that does not answer makes it unknown, never dead', () => {
    expect(health({ seenAliveAtMs: NOW - 3_600_000 })).toMatchObject({ alive: null, responsive: null })
    expect(health({ seenAliveAtMs: null })).toMatchObject({ alive: null })
  })

  test('an ended one is not alive, and says how it ended', () => {
    expect(health({ status: 'crashed', endedWhy: 'exit 3' })).toMatchObject({
      alive: false,
      responsive: false,
      why: 'exit 3',
    })
    expect(health({ paneDead: true })).toMatchObject({ alive: false })
  })

  test('its end is its state, whatever was judged before; after a new start an old end is not', () => {
    expect(health({ status: 'stopped', state: 'idle' })).toMatchObject({ state: 'dead', memBytes: null, cpuPct: null })
    expect(health({ paneDead: true, state: 'working' })).toMatchObject({ state: 'dead', processes: null })
    expect(health({ status: 'queued', state: null })).toMatchObject({ alive: false, state: 'unknown' })
    expect(health({ state: 'dead' })).toMatchObject({ alive: true, state: 'unknown' })
    expect(health({ state: 'working', seenAliveAtMs: null })).toMatchObject({ alive: null, state: 'working' })
  })

  test('a stopped process lives and does not answer', () => {
    expect(health({ stopped: true })).toMatchObject({ alive: true, responsive: false })
  })

  test('what works is not idle, and what is not known is no number', () => {
    expect(health({ state: 'working' }).idleMs).toBeNull()
    expect(health({ state: null, outputAtMs: null, memBytes: null })).toMatchObject({
      state: 'unknown',
      idleMs: null,
      memBytes: null,
    })
  })
})

describe('a plan for what was lost', () => {
  const lost = { status: 'lost', wanted: 'run', cli: 'claude', sessionId: 's-1', exitCode: null, statusReason: null }

  test('goes on with the session where there is one, else begins anew; forgetting is always possible', () => {
    expect(planRecovery(lost)).toMatchObject({ proposed: 'resume' })
    const plan = planRecovery({ ...lost, sessionId: null })
    expect(plan).toMatchObject({ proposed: 'fresh' })
    expect(plan?.options.map(({ way, not }) => [way, not === null])).toEqual([
      ['resume', false],
      ['fresh', true],
      ['forget', true],
    ])
    expect(planRecovery({ ...lost, cli: 'generic' })).toMatchObject({ proposed: 'fresh' })
  })

  test('is made for whom no policy brings back, but not for an end by itself', () => {
    const left = { ...lost, status: 'stopped' }
    expect(planRecovery(left)).toMatchObject({ proposed: 'resume' })
    expect(planRecovery({ ...left, exitCode: 1 })).toMatchObject({ proposed: 'resume' })
    expect(planRecovery({ ...left, exitCode: 0 })).toBeNull()
  })

  test('is made for nobody who runs, was stopped or is forgotten', () => {
    for (const status of ['running', 'starting', 'stopped', 'queued'])
      expect(planRecovery({ ...lost, status, wanted: 'stop' })).toBeNull()
    for (const status of ['running', 'starting', 'queued']) expect(planRecovery({ ...lost, status })).toBeNull()
    expect(planRecovery({ ...lost, wanted: 'forgotten' })).toBeNull()
  })
})
