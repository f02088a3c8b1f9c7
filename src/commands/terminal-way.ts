import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import { parseTarget } from '../core/ssh-target.ts'
import { targetArgs } from '../transport/ssh/resolve.ts'
import { knownHostsPaths } from '../transport/ssh/way.ts'
import { fleetWay } from './fleet-way.ts'

const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`

/** `ssh -t … host` for a person: the user's own ssh with its prompts, host keys as strict as everywhere; null on this machine. */
export const terminalWay = async (loaded: LoadedConfig, machine: MachineConfig): Promise<readonly string[] | null> => {
  const target = parseTarget(machine.ssh)
  if (target.is === 'local') return null
  const { resolver, trustFile } = fleetWay(loaded)
  const resolved = await resolver.resolve(target)
  const known = knownHostsPaths({ ...resolved, globalKnownHostsFiles: [] }, trustFile)
  return [
    'ssh',
    '-t',
    ...targetArgs(target, loaded.config.ssh.config_file),
    ...['StrictHostKeyChecking=yes', 'ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes'].flatMap((o) => [
      '-o',
      o,
    ]),
    ...['-o', 'RemoteCommand=none', '-o', `UserKnownHostsFile=${known.map(quoted).join(' ') || 'none'}`],
    '--',
    target.alias,
  ]
}
