import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { parseTarget } from '../core/ssh-target.ts'
import { followConfig } from './follow-config.ts'
import type { KeptConnections } from './kept-connections.ts'
import { openLocalExecutor } from './local.ts'
import { openOpenSshExecutor } from './openssh.ts'
import type { Bastions } from './ssh/bastions.ts'
import { openKnownHosts } from './ssh/known-hosts-files.ts'
import type { ConnectLimit } from './ssh/link-keeper.ts'
import { needsOpenSsh } from './ssh/needs-openssh.ts'
import type { TargetResolver } from './ssh/resolve.ts'
import type { ResolvedTarget } from './ssh/ssh-g.ts'
import { hopsOf, knownHostsPaths, leadsElsewhere } from './ssh/way.ts'
import { openSsh2Executor } from './ssh2.ts'

export interface MachineWay {
  /** `local`, an ssh_config alias, `user@host[:port]` or `ssh://…`. */
  readonly target: string
  readonly transport?: 'auto' | 'ssh2' | 'openssh'
  /** Key exchange the system `ssh` tries first; ssh2 begins with curve25519 anyway. */
  readonly kexFirst?: string
}

/** What all machines of one vc share. */
export interface FleetWay {
  readonly resolver: TargetResolver
  /** p-limit of `max_connects_in_flight` (16). */
  readonly connectLimit: ConnectLimit
  /** `<dataDir>/known_hosts`. */
  readonly trustFile: string | null
  /** `<run>/cm`, for control sockets. */
  readonly controlDir: string
  readonly connectTimeoutMs?: number
  readonly keepaliveIntervalMs?: number
  readonly keepaliveCountMax?: number
  readonly idleCloseMs?: number
  readonly sshBinary?: string
  /** `max_connections`; without it the number is not held. */
  readonly connections?: KeptConnections
  /** Without it each machine logs in at its jump hosts by itself. */
  readonly bastions?: Bastions
}

export interface OpenedExecutor {
  readonly executor: Executor
  readonly transport: 'local' | 'ssh2' | 'openssh'
  /** Why the ssh binary is used; null for ssh2 and local. May change once, when a server turns out to need it. */
  why(): string | null
}

const whyOpenSsh = async (resolved: ResolvedTarget, fleet: FleetWay): Promise<string | null> => {
  for (const hop of [...(await hopsOf(resolved, fleet.resolver)), resolved]) {
    const { hosts } = await openKnownHosts(knownHostsPaths(hop, fleet.trustFile)).read()
    const why = await needsOpenSsh(hop, hosts)
    if (why !== null) return hop === resolved ? why : `jump host ${hop.hostname}: ${why}`
  }
  return null
}

/** ssh2 first; a server whose algorithms ssh2 does not speak is carried by the ssh binary from then on. */
const openWithFallback = (
  resolved: ResolvedTarget,
  fleet: FleetWay & { readonly kexFirst?: string },
): OpenedExecutor => {
  let why: string | null = null
  let other: Executor | null = null
  const first = openSsh2Executor({
    ...fleet,
    resolved,
    onConnectFailure: (failed) => {
      if (failed.beyondSsh2) why = failed.detail
    },
  })
  const openOther = (): Executor => {
    other ??= openOpenSshExecutor({ ...fleet, resolved })
    return other
  }
  const run = async (request: RunRequest): Promise<RunResult> => {
    if (why !== null) return openOther().run(request)
    const ran = await first.run(request)
    return why === null || ran.class !== 'transport' ? ran : openOther().run(request)
  }
  const executor: Executor = {
    get kind() {
      return why === null ? 'ssh2' : 'openssh'
    },
    run,
    stream: (request) => (why === null ? first : openOther()).stream(request),
    async close() {
      await Promise.all([first.close(), other?.close()])
    },
  }
  return { executor, transport: 'ssh2', why: () => why }
}

/**
 * The way to one machine. Resolves the target (`ssh -G`) but connects only on the first run.
 * Throws VcError for a target or ssh_config that cannot be read; never for trouble of the machine.
 */
export const openExecutor = async (machine: MachineWay, shared: FleetWay): Promise<OpenedExecutor> => {
  let opened = await openOnce(machine, shared)
  const target = parseTarget(machine.target)
  if (target.is === 'local') return opened
  const executor = followConfig(opened.executor, {
    moved: () => leadsElsewhere(target, shared.resolver),
    async open() {
      opened = await openOnce(machine, shared)
      return opened.executor
    },
  })
  return { executor, transport: opened.transport, why: () => opened.why() }
}

const openOnce = async (machine: MachineWay, shared: FleetWay): Promise<OpenedExecutor> => {
  const fleet = machine.kexFirst === undefined ? shared : { ...shared, kexFirst: machine.kexFirst }
  const target = parseTarget(machine.target)
  if (target.is === 'local') return { executor: openLocalExecutor(), transport: 'local', why: () => null }
  const resolved = await fleet.resolver.resolve(target)
  const transport = machine.transport ?? 'auto'
  if (transport === 'ssh2')
    return { executor: openSsh2Executor({ ...fleet, resolved }), transport: 'ssh2', why: () => null }
  const why = transport === 'openssh' ? 'vc.toml asks for it' : await whyOpenSsh(resolved, fleet)
  if (why === null) return openWithFallback(resolved, fleet)
  return { executor: openOpenSshExecutor({ ...fleet, resolved }), transport: 'openssh', why: () => why }
}
