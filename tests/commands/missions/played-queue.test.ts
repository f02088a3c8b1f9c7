import fc from 'fast-check'
import { expect, test } from 'vitest'
import { playMissions } from '../../../bench/missions/play.ts'
import { type MissionQueue, missionQueue } from '../../../src/commands/missions/queue.ts'
import { openStore } from '../../../src/store/index.ts'
import { tempDir } from '../../store/support.ts'

/** Keeps nothing: the rules alone, without a file below them. */
const nowhere = () =>
  missionQueue({
    db: { rows: async () => [] },
    write: async () => ({ ok: true, inserted: 0, duplicates: 0 }),
  })

test('whatever claimants do and whoever of them dies: by order, once at a time, none lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 12 }),
      async (seed, missions, claimants) => {
        const queue = nowhere()
        const played = await playMissions(
          { queue: () => queue, restart: async () => undefined },
          { missions, claimants, seed },
        )
        expect(played.flaws).toEqual([])
        expect(played.done).toBe(missions)
      },
    ),
    { numRuns: 60 },
  )
})

test('the same over a store whose owner is started anew in between', { timeout: 120_000 }, async () => {
  const dataDir = tempDir()
  const openHere = () => openStore({ dataDir, minFreeBytes: 0 })
  let store = await openHere()
  let queue: MissionQueue = missionQueue(store)
  try {
    const owner = {
      queue: () => queue,
      async restart() {
        await store.close()
        store = await openHere()
        queue = missionQueue(store)
      },
    }
    const size = { missions: 250, claimants: 20, seed: 7 }
    const played = await playMissions(owner, size)
    expect(played.flaws).toEqual([])
    expect(played).toMatchObject({ done: size.missions })
    expect(played.killed).toBeGreaterThan(0)
    await owner.restart()
    const [counts] = await store.db.rows<{ n: number; done: number }>(
      "SELECT count(*) AS n, count(*) FILTER (status = 'done') AS done FROM missions",
    )
    expect(counts).toEqual({ n: size.missions, done: size.missions })
  } finally {
    await store.close()
  }
})
