import pLimit from 'p-limit'
import type { Executor, RunRequest } from '../../../src/core/executor.ts'
import { type FleetWay, openExecutor } from '../../../src/transport/open-executor.ts'
import { openTargetResolver } from '../../../src/transport/ssh/resolve.ts'
import type { Fleet } from './fleet.ts'

export type SshTransport = 'ssh2' | 'openssh'

/** What cases.json assumes: connect 3 s, command 5 s, keepalive 1 s × 2, 4 MiB. */
export const request = (script: string, more: Partial<RunRequest> = {}): RunRequest => ({
  script,
  deadlineMs: 5_000,
  maxStdout: 4 * 1024 * 1024,
  maxStderr: 64 * 1024,
  ...more,
})

export const fleetWay = (fleet: Fleet, more: Partial<FleetWay> = {}): FleetWay => ({
  resolver: openTargetResolver({ configFile: fleet.configFile }),
  connectLimit: pLimit(16),
  trustFile: `${fleet.dir}/vc_known_hosts`,
  controlDir: fleet.runDir,
  connectTimeoutMs: 3_000,
  keepaliveIntervalMs: 1_000,
  keepaliveCountMax: 2,
  ...more,
})

export const openOn = async (
  fleet: Fleet,
  transport: SshTransport,
  target: string,
  more: Partial<FleetWay> = {},
): Promise<Executor> => (await openExecutor({ target, transport }, fleetWay(fleet, more))).executor

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** Waits for a condition, generously. */
export const until = async (met: () => boolean | Promise<boolean>, what: string, withinMs = 15_000): Promise<void> => {
  const giveUpAt = performance.now() + withinMs
  while (!(await met())) {
    if (performance.now() > giveUpAt) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
