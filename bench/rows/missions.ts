import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MissionQueue, missionQueue } from '../../src/commands/missions/queue.ts'
import { openStore } from '../../src/store/index.ts'
import type { Bench, Figure } from '../bench.ts'
import { playMissions } from '../missions/play.ts'

const flawless = (what: string, flaws: number, figure: string): Figure => ({
  ...{ what, figure, baseline: '', ratio: null, target: '0 lost, 0 twice, 0 out of order', ok: flaws === 0 },
})

/** The queue over a real store, with claimants that die and an owner that is started anew in between. */
export const missions: Bench = {
  name: 'missions',
  about:
    'mission queue: 600 missions, 30 claimants (10,000 and 50 in full), random deaths of claimants and restarts of the owner',
  async run({ full }) {
    const size = { missions: full ? 10_000 : 600, claimants: full ? 50 : 30, seed: Number(process.env.VC_SEED ?? 1) }
    const dataDir = mkdtempSync(join(tmpdir(), 'vc-missions-'))
    const open = () => openStore({ dataDir, minFreeBytes: 0 })
    let store = await open()
    let queue: MissionQueue = missionQueue(store)
    const restart = async (): Promise<void> => {
      await store.close()
      store = await open()
      queue = missionQueue(store)
    }
    try {
      const from = performance.now()
      const played = await playMissions({ queue: () => queue, restart }, size)
      const s = (performance.now() - from) / 1000
      await restart()
      const [kept] = await store.db.rows<{ n: number; done: number }>(
        "SELECT count(*) AS n, count(*) FILTER (status = 'done') AS done FROM missions",
      )
      const lost = size.missions - (kept?.done ?? 0)
      const story = `${played.claims} claims by ${size.claimants} claimants, ${played.killed} of them died, ${played.restarts} restarts, seed ${size.seed}`
      return [
        flawless(`mission queue: ${size.missions} missions`, played.flaws.length + lost, played.flaws[0] ?? story),
        {
          ...{
            what: 'mission queue: claims and reports committed',
            figure: `${Math.round((2 * played.claims) / s)} per s`,
          },
          ...{ baseline: `${s.toFixed(0)} s in all`, ratio: null, target: '', ok: null },
        },
      ]
    } finally {
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
}
