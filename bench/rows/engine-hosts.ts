import type { Bench } from '../bench.ts'
import { flood } from '../engine/flood.ts'
import { localPlace, remotePlace } from '../engine/places.ts'
import { readopt } from '../engine/readopt.ts'
import { spawnToReady } from '../engine/spawn-ready.ts'
import { stubborn } from '../engine/stubborn.ts'
import { twoWriters } from '../engine/two-writers.ts'
import { startSshFleet } from '../measure/ssh-fleet.ts'

/** Real tmux on scratch sockets, on this machine and over a warm ssh connection to a real sshd. */
export const engineHosts: Bench = {
  name: 'engine-hosts',
  about:
    'terminals of agents: found again after kill -9, spawn to ready, two writers at one pane, 20 floods, children that will not go',
  async run({ full }) {
    const fleet = await startSshFleet(1)
    const [here, there] = [localPlace(), await remotePlace(fleet)]
    try {
      return [
        ...(await readopt(here, 'local', { target: 'local', sshConfig: fleet.sshConfig }, 20, 5_000)),
        ...(await readopt(there, 'ssh', { target: fleet.machines[0] ?? '', sshConfig: fleet.sshConfig }, 20, 10_000)),
        await spawnToReady(here, 'local', full ? 30 : 7, 300),
        await spawnToReady(there, 'warm ssh', full ? 30 : 7, 500),
        await twoWriters(here, 'local', full ? 200 : 40),
        await twoWriters(there, 'warm ssh', full ? 200 : 40),
        await stubborn(here, 'local', full ? 20 : 2),
        await stubborn(there, 'warm ssh', full ? 20 : 2),
        ...(await flood(here, full ? 400_000 : 40_000)),
      ]
    } finally {
      await here.leave()
      await there.leave()
      fleet.down()
    }
  },
}
