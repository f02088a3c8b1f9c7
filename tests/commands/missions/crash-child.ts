import { writeSync } from 'node:fs'
import { missionQueue } from '../../../src/commands/missions/queue.ts'
import { MissionWish } from '../../../src/commands/missions/wishes.ts'
import { openStore } from '../../../src/store/index.ts'

/** Works the queue until somebody kills it. What is acknowledged is printed after its commit. */
const [, , dataDir = '', total = '0', start = '0'] = process.argv
const store = await openStore({ dataDir, minFreeBytes: 0, groupWindowMs: 60_000 })
const queue = missionQueue(store)
// A day later than the owner before: what that one held has lapsed.
const at = new Date(Number(start))
const say = (words: string): void => void writeSync(1, `${words}\n`)

const wishes = Array.from({ length: Number(total) }, (_, index) =>
  MissionWish.parse({ title: `mission ${index}`, key: `k${index}`, max_retries: 100 }),
)
const added = await queue.add(wishes, 'play', at)
if ('fix' in added) throw new Error(added.message)
say(`added ${added.missions.length}`)

const work = async (name: string): Promise<void> => {
  const about = { name, role: null, types: null, lanes: null, machineId: null, missionId: null }
  for (;;) {
    const mission = await queue.claim({ ...about, events: 'none' }, at)
    if ('fix' in mission) return
    say(`claim ${mission.missionId} ${mission.claim?.claimId}`)
    const usage = { inputTokens: null, outputTokens: null, costMicrousd: null }
    const reporter = { by: name, claimId: mission.claim?.claimId ?? null }
    const done = await queue.complete(mission.missionId, { ...reporter, usage, output: 'x' }, at)
    say('fix' in done ? `bad ${done.message}` : `done ${mission.missionId}`)
  }
}
await Promise.all(['a', 'b', 'c', 'd'].map(work))
await store.close()
say('ended')
