// One machine with tmux on a scratch socket, reached locally or over a kept ssh connection of the test fleet.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Executor } from '../../src/core/executor.ts'
import type { HostPane, SessionHost, SessionSpec } from '../../src/core/session-host.ts'
import { openTmuxHost } from '../../src/engine/hosts/tmux-host.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'
import { openExecutor } from '../../src/transport/open-executor.ts'
import { openTargetResolver } from '../../src/transport/ssh/resolve.ts'
import type { SshFleet } from '../measure/ssh-fleet.ts'

export interface Place {
  readonly dir: string
  readonly socket: string
  readonly executor: Executor
  /** Another host on the same server, as a second vc would have it. */
  host(): SessionHost
  start(name: string, script: string, more?: Partial<SessionSpec>): Promise<HostPane>
  leave(): Promise<void>
}

const placeOn = (executor: Executor): Place => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-engine-'))
  const socket = join(dir, 'run', 'tmux.sock')
  const host = (): SessionHost => openTmuxHost({ machineId: 'm', executor, socket })
  const own = host()
  return {
    dir,
    socket,
    executor,
    host,
    async start(name, script, more = {}) {
      const started = await own.start({ name, argv: ['sh', '-c', script], cwd: dir, log: null, ...more })
      if (started.is !== 'started') throw new Error(JSON.stringify(started))
      return started.pane
    },
    async leave() {
      await executor.close()
      spawnSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const localPlace = (): Place => placeOn(openLocalExecutor())

export const remotePlace = async (fleet: SshFleet): Promise<Place> => {
  const way = {
    resolver: openTargetResolver({ configFile: fleet.sshConfig }),
    connectLimit: pLimit(4),
    trustFile: null,
    controlDir: join(fleet.dir, 'cm'),
  }
  const target = fleet.machines[0] ?? ''
  return placeOn((await openExecutor({ target, transport: 'ssh2' }, way)).executor)
}

export const textOf = async (host: SessionHost, pane: HostPane): Promise<string> => {
  const [screen] = await host.capture([pane.ref])
  return screen?.is === 'screen' ? screen.text : ''
}

/** Looks until it holds; throws with what was not seen. */
export const until = async (
  holds: () => Promise<boolean> | boolean,
  what: string,
  withinMs = 60_000,
): Promise<void> => {
  const end = performance.now() + withinMs
  while (!(await holds())) if (performance.now() > end) throw new Error(`never seen: ${what}`)
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
