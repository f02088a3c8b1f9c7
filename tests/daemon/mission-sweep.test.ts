import { expect, onTestFinished, test, vi } from 'vitest'
import { actOnMissions } from '../../src/commands/missions/act.ts'
import { silentLog } from '../../src/core/log.ts'
import { startMissionSweep } from '../../src/daemon/mission-sweep.ts'
import { missionsNamed } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'

const T0 = Date.UTC(2026, 10, 21, 6)

test('claims of silent ones lapse, those of agents that vc sees at work do not', { timeout: 60_000 }, async () => {
  const store = await tempStore()
  const clock = { now: new Date(T0) }
  const judged = async (state: string): Promise<void> => {
    const agent = {
      agent_id: 'atlas/a-1',
      machine_id: 'atlas',
      cli: 'claude',
      kind: 'managed',
      first_seen: new Date(T0),
    }
    const batches = [
      { table: 'agents', rows: [agent] },
      { table: 'latest_agent_states', rows: [{ agent_id: 'atlas/a-1', state, rule: 'r', judged_at: clock.now }] },
    ]
    await store.write({ machineId: 'atlas', source: 'test', at: clock.now, batches, awaited: true })
  }
  const status = async (): Promise<readonly string[]> =>
    (await missionsNamed(store.db, { ids: ['m-1', 'm-2'] })).map((row) => row.status)
  const lease = async (): Promise<string | null> =>
    (await missionsNamed(store.db, { ids: ['m-1'] }))[0]?.lease_until ?? null

  const missions = [
    { title: 'a', lease_ms: 60_000 },
    { title: 'b', lease_ms: 60_000 },
  ]
  await actOnMissions(store, 'add', { missions }, 'ada', clock.now)
  await actOnMissions(store, 'claim', { as: 'atlas/a-1' }, 'ada', clock.now)
  await actOnMissions(store, 'claim', { as: 'somebody' }, 'ada', clock.now)
  clock.now = new Date(T0 + 40_000)
  await judged('working')
  const sweep = startMissionSweep({ store, now: () => clock.now, log: silentLog, everyMs: 10 })
  onTestFinished(() => sweep.stop())
  await vi.waitFor(async () => expect(await lease()).toBe(new Date(T0 + 100_000).toISOString()), { timeout: 20_000 })
  clock.now = new Date(T0 + 60_000)
  await vi.waitFor(async () => expect(await status()).toEqual(['claimed', 'pending']), { timeout: 20_000 })
  // Its turn is over and it reported nothing: what it holds lapses like anybody's.
  await judged('turn_finished')
  clock.now = new Date(T0 + 100_000)
  await vi.waitFor(async () => expect(await status()).toEqual(['pending', 'pending']), { timeout: 20_000 })
})
