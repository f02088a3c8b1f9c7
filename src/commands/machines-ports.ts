// Wires the ports of `vc machines probe` and `trust` to the transport.

import { isLocal, type LoadedConfig } from '../config/index.ts'
import { EXIT, VcError } from '../core/errors.ts'
import type { ProbePorts } from './machines-probe.ts'
import type { TrustPorts } from './machines-trust.ts'

export async function probePorts(loaded: LoadedConfig): Promise<ProbePorts> {
  const [{ openLocalExecutor }, { openSsh2Executor }, { openTargetResolver }, { parseTarget }] = await Promise.all([
    import('../transport/local.ts'),
    import('../transport/ssh2.ts'),
    import('../transport/ssh/resolve.ts'),
    import('../transport/ssh/target.ts'),
  ])
  const { config_file, connect_timeout_seconds } = loaded.config.ssh
  const resolver = openTargetResolver(config_file === null ? {} : { configFile: config_file })
  return {
    async openExecutor(machine) {
      const target = parseTarget(machine.ssh)
      if (isLocal(machine) || target.is === 'local') return openLocalExecutor()
      return openSsh2Executor({
        resolved: await resolver.resolve(target),
        resolver,
        connectLimit: (connect) => connect(),
        trustFile: loaded.paths.knownHostsFile,
        connectTimeoutMs: connect_timeout_seconds * 1000,
      })
    },
  }
}

export async function trustPorts(_loaded: LoadedConfig): Promise<TrustPorts> {
  throw new VcError('not_built', 'the scan of host keys is not wired in yet', 'use ssh-keyscan and ssh-keygen', {
    exitCode: EXIT.fault,
  })
}
