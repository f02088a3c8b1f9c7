import pLimit from 'p-limit'
import { checkControlDir, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import { openKeptConnections } from '../transport/kept-connections.ts'
import type { FleetWay, MachineWay } from '../transport/open-executor.ts'
import { openBastions } from '../transport/ssh/bastions.ts'
import { openTargetResolver } from '../transport/ssh/resolve.ts'

/** What all machines of one configuration share on the way: resolver, connect lane, trust, patience. Refuses an unsafe folder for control sockets. */
export function fleetWay({ config, paths }: LoadedConfig): FleetWay {
  const { ssh, polling } = config
  checkControlDir(paths, process.getuid?.() ?? 0)
  const connections = openKeptConnections(polling.max_connections)
  return {
    resolver: openTargetResolver(ssh.config_file === null ? {} : { configFile: ssh.config_file }),
    connectLimit: pLimit(polling.max_connects_in_flight),
    trustFile: paths.knownHostsFile,
    controlDir: paths.controlDir,
    connectTimeoutMs: ssh.connect_timeout_seconds * 1000,
    keepaliveIntervalMs: ssh.keepalive_interval_seconds * 1000,
    keepaliveCountMax: ssh.keepalive_count_max,
    idleCloseMs: ssh.idle_close_seconds * 1000,
    connections,
    bastions: openBastions(connections),
  }
}

/** What one machine's block says about the way to it. */
export const machineWay = ({ ssh, transport, kex_first }: MachineConfig): MachineWay => ({
  target: ssh,
  transport,
  ...(kex_first === null ? {} : { kexFirst: kex_first }),
})
