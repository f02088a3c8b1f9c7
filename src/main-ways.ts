// The ways to all ssh machines of one configuration: shared resolver, shared connect lane.
import pLimit from 'p-limit'
import type { LoadedConfig, MachineConfig } from './config/index.ts'
import type { Executor } from './core/executor.ts'
import { openExecutor } from './transport/open-executor.ts'
import { openTargetResolver } from './transport/ssh/resolve.ts'

/** Opens executors on demand; each is closed by whoever polls over it. */
export const openWays = ({ config, paths }: LoadedConfig) => {
  const { ssh, polling } = config
  const fleet = {
    resolver: openTargetResolver(ssh.config_file === null ? {} : { configFile: ssh.config_file }),
    connectLimit: pLimit(polling.max_connects_in_flight),
    trustFile: paths.knownHostsFile,
    controlDir: paths.controlDir,
    connectTimeoutMs: ssh.connect_timeout_seconds * 1000,
    keepaliveIntervalMs: ssh.keepalive_interval_seconds * 1000,
    keepaliveCountMax: ssh.keepalive_count_max,
    idleCloseMs: ssh.idle_close_seconds * 1000,
  }
  return {
    async open(machine: MachineConfig): Promise<Executor> {
      const { executor } = await openExecutor({ target: machine.ssh, transport: machine.transport }, fleet)
      return executor
    },
  }
}
