import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atMost, type Figure } from '../bench.ts'
import { type KeptPlace, keepAgents } from './keep-agents.ts'
import type { Place } from './places.ts'

const CHILD = fileURLToPath(new URL('./keep-agents.ts', import.meta.url))

/** Starts agents in a process of its own and kills it with -9 once they run. */
const spawnAndDie = (place: KeptPlace, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const argv = [CHILD, place.dir, place.socket, place.target, place.sshConfig, String(count)]
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.includes(`started ${count}`)) child.kill('SIGKILL')
    })
    child.once('exit', (_code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`the keeper ended by itself: ${said}`)),
    )
  })

/** kill -9 of the process that keeps agents; the next one's first look, and whom it has again with history. */
export const readopt = async (
  place: Place,
  where: string,
  way: Pick<KeptPlace, 'target' | 'sshConfig'>,
  count: number,
  tickMs: number,
): Promise<readonly Figure[]> => {
  const kept = { dir: join(place.dir, 'kept'), socket: place.socket, ...way }
  await spawnAndDie(kept, count)
  const after = await keepAgents(kept)
  try {
    const empty = performance.now()
    await place.executor.run({ script: 'exit 0', deadlineMs: 10_000, maxStdout: 1_000, maxStderr: 1_000 })
    const from = performance.now()
    await after.engine.look()
    const took = performance.now() - from
    const agents = after.engine.here.ports.book.all()
    const listed = await place.host().list()
    const panes = listed.is === 'listed' ? listed.panes : []
    const again = agents.filter((agent) => {
      const pane = panes.find(({ ref }) => ref.pid === agent.pane_pid && ref.startTicks === agent.pane_start_ticks)
      return agent.status === 'running' && agent.launches === 1 && pane?.dead === null && pane.historySize > 0
    })
    return [
      atMost({
        ...{ what: `kill -9 of the daemon with ${count} agents, ${where}: not found again with history` },
        ...{
          figure: `${count - again.length}`,
          baseline: '',
          ratio: null,
          value: count - again.length,
          limit: 0,
          unit: '',
        },
      }),
      atMost({
        ...{ what: `first look that has them again, ${where}`, figure: `${took.toFixed(0)} ms`, value: took },
        ...{ baseline: `empty script ${(from - empty).toFixed(1)} ms`, ratio: took / (from - empty) },
        ...{ limit: tickMs, unit: ' ms' },
      }),
    ]
  } finally {
    await after.close()
    rmSync(kept.dir, { recursive: true, force: true })
  }
}
