import { homedir, hostname as localHostname, userInfo } from 'node:os'
import { VcError } from '../../core/errors.ts'
import { type SshTarget, targetName } from '../../core/ssh-target.ts'

/** What `ssh` itself would do for a target, as `ssh -G` says. Paths are expanded; "none" is null or absent. */
export interface ResolvedTarget {
  readonly target: SshTarget
  readonly configFile: string | null
  readonly hostname: string
  readonly port: number
  readonly user: string
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: boolean
  /** Socket path of the agent; null when there is none or it was switched off. */
  readonly agentSocket: string | null
  readonly userKnownHostsFiles: readonly string[]
  readonly globalKnownHostsFiles: readonly string[]
  readonly hostKeyAlias: string | null
  readonly checkHostIp: boolean
  /** `ProxyJump` hops in order of travel. */
  readonly proxyJump: readonly string[]
  readonly proxyCommand: string | null
  readonly connectTimeoutMs: number | null
  readonly serverAliveIntervalMs: number | null
  readonly serverAliveCountMax: number
  readonly strictHostKeyChecking: string
  readonly certificateFiles: readonly string[]
  readonly pkcs11Provider: string | null
  readonly gssapiAuthentication: boolean
  readonly pubkeyAuthentication: boolean
}

const words = (text: string): string[] => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '')

const notNone = (value: string | undefined): string | null =>
  value === undefined || value === '' || value.toLowerCase() === 'none' ? null : value

const yes = (value: string | undefined): boolean => value === 'yes' || value === 'true'

type Settings = ReadonlyMap<string, readonly string[]>

/** `ssh -G` output as key → values in order. */
export const parseSshG = (text: string): Settings => {
  const settings = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const gap = line.indexOf(' ')
    if (gap <= 0) continue
    const key = line.slice(0, gap).toLowerCase()
    settings.set(key, [...(settings.get(key) ?? []), line.slice(gap + 1).trim()])
  }
  return settings
}

type Expand = (path: string) => string

/** `~`, `%` tokens and `${ENV}` of path settings, which `ssh -G` prints unexpanded. */
const expander = (remote: { hostname: string; port: string; user: string; alias: string }): Expand => {
  const me = userInfo()
  const home = me.homedir || homedir()
  const tokens: Readonly<Record<string, string>> = {
    '%': '%', d: home, h: remote.hostname, i: String(me.uid), l: localHostname(), L: localHostname().split('.')[0] ?? '',
    n: remote.alias, p: remote.port, r: remote.user, u: me.username, k: remote.hostname,
  } // biome-ignore format: a table
  return (path) =>
    path
      .replace(/^~(?=\/|$)/, home)
      .replace(/%([%dhilLnpruk])/g, (whole, token: string) => tokens[token] ?? whole)
      .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => process.env[name] ?? whole)
}

const agentSocketOf = (setting: string | undefined, expand: Expand): string | null => {
  if (setting === undefined || setting === 'SSH_AUTH_SOCK') return notNone(process.env.SSH_AUTH_SOCK)
  if (setting.toLowerCase() === 'none') return null
  if (/^\$[A-Za-z_]\w*$/.test(setting)) return notNone(process.env[setting.slice(1)])
  return expand(setting)
}

const secondsMs = (value: string | undefined): number | null => {
  const seconds = Number(notNone(value) ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null
}

// Of a jump host named by its IPv4 address ssh prints `user@[10.0.0.5]:22`, with the brackets of IPv6.
const plainHop = (hop: string): string => hop.replace(/\[([0-9.]+)\]/, '$1')

/** Reads `ssh -G` output for a target. Pure but for home, user and environment. Throws `bad_output` without host, port or user. */
export const resolvedFrom = (target: SshTarget, settings: Settings, configFile: string | null): ResolvedTarget => {
  const one = (key: string): string | undefined => settings.get(key)?.[0]
  const hostname = one('hostname')
  const user = one('user')
  const port = Number(one('port'))
  if (!hostname || !user || !Number.isInteger(port) || port < 1)
    throw new VcError('bad_output', `ssh -G ${targetName(target)} named no host, port or user`, 'check the ssh_config')
  const expand = expander({ hostname, port: String(port), user, alias: target.alias })
  const paths = (key: string) =>
    words(one(key) ?? '')
      .filter((path) => notNone(path) !== null)
      .map(expand)
  const each = (key: string) =>
    (settings.get(key) ?? []).filter((path) => notNone(path) !== null).map((p) => expand(p.replace(/^"(.*)"$/, '$1')))
  return {
    target, configFile, hostname, port, user,
    identityFiles: each('identityfile'),
    identitiesOnly: yes(one('identitiesonly')),
    agentSocket: agentSocketOf(one('identityagent'), expand),
    userKnownHostsFiles: paths('userknownhostsfile'),
    globalKnownHostsFiles: paths('globalknownhostsfile'),
    hostKeyAlias: notNone(one('hostkeyalias')),
    checkHostIp: yes(one('checkhostip')),
    proxyJump: (notNone(one('proxyjump')) ?? '').split(',').filter(Boolean).map(plainHop),
    proxyCommand: notNone(one('proxycommand')),
    connectTimeoutMs: secondsMs(one('connecttimeout')),
    serverAliveIntervalMs: secondsMs(one('serveraliveinterval')),
    serverAliveCountMax: Number(one('serveralivecountmax') ?? 3) || 3,
    strictHostKeyChecking: one('stricthostkeychecking') ?? 'ask',
    certificateFiles: each('certificatefile'),
    pkcs11Provider: notNone(one('pkcs11provider')),
    gssapiAuthentication: yes(one('gssapiauthentication')),
    pubkeyAuthentication: one('pubkeyauthentication') !== 'no' && one('pubkeyauthentication') !== 'false',
  } // biome-ignore format: one key per line
}
