// The ways `vc machines probe` and `trust` reach a machine, wired to the transport and the store.
import { ensureOwnDir, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import { VcError } from '../core/errors.ts'
import { byOwner } from './by-owner.ts'
import type { ProbePorts } from './machines-probe.ts'
import type { OfferedKey, TrustPorts } from './machines-trust.ts'
import { type SecurityEvent, securityEventChange } from './security-event.ts'

export async function probePorts(loaded: LoadedConfig): Promise<ProbePorts> {
  const [{ openExecutor }, { fleetWay, machineWay }] = await Promise.all([
    import('../transport/open-executor.ts'),
    import('./fleet-way.ts'),
  ])
  const way = fleetWay(loaded)
  return { openExecutor: (machine) => openExecutor(machineWay(machine), way) }
}

/** Writes the row where the owner of the store is. The first key may be trusted before anything was ever stored. */
const audit = async ({ paths }: LoadedConfig, event: SecurityEvent): Promise<void> => {
  await byOwner<unknown>(paths, {
    path: '/v1/audit',
    body: event,
    timeoutMs: 5_000,
    makesFile: true,
    async here(store) {
      const written = await store.write(securityEventChange(event, new Date()))
      if (!written.ok) throw new VcError('not_audited', written.detail, 'look with: vc doctor')
    },
  })
}

export async function trustPorts(loaded: LoadedConfig): Promise<TrustPorts> {
  const [{ scanHostKey, stirTrust, writeTrust }, { knownHostsPaths }, { parseTarget }, { fixForClass }, { fleetWay }] =
    await Promise.all([
      import('../transport/ssh/trust.ts'),
      import('../transport/ssh/way.ts'),
      import('../core/ssh-target.ts'),
      import('./machines-probe.ts'),
      import('./fleet-way.ts'),
    ])
  const { connect_timeout_seconds, keepalive_count_max, keepalive_interval_seconds } = loaded.config.ssh
  const { resolver, trustFile } = fleetWay(loaded)
  const write = new WeakMap<OfferedKey, (file: string) => Promise<void>>()
  return {
    async scanHostKey(machine: MachineConfig) {
      const target = parseTarget(machine.ssh)
      if (target.is === 'local') throw new Error('this machine has no host key')
      const resolved = await resolver.resolve(target)
      const scanned = await scanHostKey(resolved, {
        resolver,
        trustFile,
        timeoutMs: connect_timeout_seconds * 1000,
        keepaliveCountMax: keepalive_count_max,
        keepaliveIntervalMs: keepalive_interval_seconds * 1000,
      })
      if (scanned.is === 'failed') {
        const { class: kind, detail } = scanned.failure
        throw new VcError(
          kind,
          `${machine.id} showed no host key: ${detail}`,
          fixForClass(scanned.failure, machine, loaded.config.ssh.config_file) ?? 'try again',
        )
      }
      const { hostname, port, keyType, fingerprint, verdict, onFileIn } = scanned.value
      const offered: OfferedKey = { host: hostname, port, keyType, fingerprint, known: verdict, onFileIn }
      write.set(offered, async (file) => {
        await writeTrust(file, scanned.value, knownHostsPaths(resolved, null))
      })
      return offered
    },
    async writeTrust(file, offered) {
      ensureOwnDir(loaded.paths.dataDir, process.getuid?.() ?? 0)
      const writer = write.get(offered)
      if (writer === undefined) throw new Error('this key was not scanned here')
      await writer(file)
    },
    async lookAgain(file) {
      ensureOwnDir(loaded.paths.dataDir, process.getuid?.() ?? 0)
      await stirTrust(file)
    },
    audit: (event) => audit(loaded, event),
  }
}
