import { targetArgs } from './resolve.ts'
import type { ResolvedTarget } from './ssh-g.ts'
import { knownHostsPaths } from './way.ts'

export interface OpenSshArgsOptions {
  readonly resolved: ResolvedTarget
  readonly controlPath: string
  readonly trustFile: string | null
  readonly connectTimeoutMs: number
  readonly keepaliveIntervalMs: number
  readonly keepaliveCountMax: number
  /** `curve25519-sha256` cuts connect CPU about sixfold and gives up post-quantum protection; off by default. */
  readonly kexFirst?: string | undefined
}

const option = (key: string, value: string | number): readonly string[] => ['-o', `${key}=${value}`]

const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`

const safety = (): readonly string[] => [
  ...option('BatchMode', 'yes'),
  ...option('StrictHostKeyChecking', 'yes'),
  ...option('UpdateHostKeys', 'no'),
  ...option('ForwardAgent', 'no'),
  ...option('ForwardX11', 'no'),
  ...option('ClearAllForwardings', 'yes'),
  // No forwarding in ssh's eyes, so the line above leaves it: a network device of the target's.
  ...option('Tunnel', 'no'),
  ...option('PermitLocalCommand', 'no'),
  ...option('RequestTTY', 'no'),
  ...option('RemoteCommand', 'none'),
  ...option('LogLevel', 'ERROR'),
]

const common = (o: OpenSshArgsOptions): readonly string[] => [
  '-T',
  ...safety(),
  // Named only where this ssh knows it: another complains about the word.
  ...(o.resolved.gssapiAuthentication ? option('GSSAPIDelegateCredentials', 'no') : []),
  ...option('ControlPath', o.controlPath.replaceAll('%', '%%')),
  ...targetArgs(o.resolved.target, o.resolved.configFile),
]

/** The connection itself: authenticates, goes to the background, serves sessions on its socket, ends after 120 s unused. */
export const masterArgs = (o: OpenSshArgsOptions): readonly string[] => [
  ...common(o),
  ...option('ControlMaster', 'yes'),
  ...option('ControlPersist', 120),
  ...option('ConnectTimeout', Math.max(1, Math.ceil(o.connectTimeoutMs / 1000))),
  ...option('ServerAliveInterval', Math.max(1, Math.ceil(o.keepaliveIntervalMs / 1000))),
  ...option('ServerAliveCountMax', o.keepaliveCountMax),
  ...option(
    'UserKnownHostsFile',
    knownHostsPaths({ ...o.resolved, globalKnownHostsFiles: [] }, o.trustFile)
      .map(quoted)
      .join(' ') || 'none',
  ),
  ...(o.kexFirst === undefined ? [] : option('KexAlgorithms', `^${o.kexFirst}`)),
  '-N',
  '-f',
  '--',
  o.resolved.target.alias,
]

/**
 * One session on the master. Without a master ssh would silently open a full connection of its own;
 * the proxy command turns that into a word on stderr, which also proves that nothing ran.
 */
export const sessionArgs = (o: OpenSshArgsOptions, noMaster: string, command: string): readonly string[] => [
  ...common(o),
  ...option('ControlMaster', 'no'),
  ...option('ProxyCommand', `sh -c 'echo ${noMaster} >&2; exit 1'`),
  '--',
  o.resolved.target.alias,
  command,
]

/** Control commands of the master: `exit`. */
export const controlArgs = (o: OpenSshArgsOptions, verb: 'exit' | 'check'): readonly string[] => [
  ...common(o),
  '-O',
  verb,
  '--',
  o.resolved.target.alias,
]
