import type { Duplex } from 'node:stream'
import { messageOf } from '../../core/errors.ts'
import { parseTarget, type SshTarget, targetName } from '../../core/ssh-target.ts'
import { type Bastions, byJumpHost, type Carrier, openBastions } from './bastions.ts'
import { failure } from './failure.ts'
import { openKnownHosts } from './known-hosts-files.ts'
import { type Got, type Link, type LinkOptions, openLink, openSocket } from './link.ts'
import type { TargetResolver } from './resolve.ts'
import type { ResolvedTarget } from './ssh-g.ts'

export interface WayOptions extends LinkOptions {
  readonly resolver: TargetResolver
  /** vc's own known_hosts, read after the user's. */
  readonly trustFile: string | null
  /** Shares connections to jump hosts among targets; without it each way has its own. */
  readonly bastions?: Bastions
}

/** A socket to the target's ssh port, with the jump host that carries it. */
export interface OpenWay {
  readonly sock: Duplex
  readonly carrier: Carrier | null
}

const MAX_HOPS = 8

/** All known_hosts files that count for a target. */
export const knownHostsPaths = (resolved: ResolvedTarget, trustFile: string | null): readonly string[] => [
  ...resolved.userKnownHostsFiles,
  ...resolved.globalKnownHostsFiles,
  ...(trustFile === null ? [] : [trustFile]),
]

const hopTarget = (text: string): SshTarget => {
  const target = parseTarget(text)
  if (target.is === 'local') return { is: 'ssh', alias: 'local', user: null, port: null }
  return target
}

const forward = (via: Link, host: string, port: number, signal: AbortSignal): Promise<Got<Duplex>> =>
  new Promise((settle) => {
    const tooLate = () =>
      settle({ is: 'failed', failure: failure('connect_timeout', `no way to ${host} port ${port} in time`) })
    signal.addEventListener('abort', tooLate, { once: true })
    via.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error) return settle({ is: 'failed', failure: failure('refused', error.message) })
      channel.on('error', () => {})
      settle({ is: 'open', value: channel })
    })
  })

/** The bastions in order of travel; the first one's own ProxyJump comes before it, as with ssh. */
export const hopsOf = async (
  resolved: ResolvedTarget,
  resolver: TargetResolver,
  depth = 0,
): Promise<readonly ResolvedTarget[]> => {
  if (depth > MAX_HOPS) throw new Error(`more than ${MAX_HOPS} jump hosts, or a circle of them`)
  const hops = await Promise.all(resolved.proxyJump.map((hop) => resolver.resolve(hopTarget(hop))))
  const first = hops[0]
  return first === undefined ? [] : [...(await hopsOf(first, resolver, depth + 1)), ...hops]
}

/** Reads target and jump hosts anew. Whether the target itself leads elsewhere: its jump hosts are looked up at each connect. */
export const leadsElsewhere = async (target: SshTarget, resolver: TargetResolver, depth = 0): Promise<boolean> => {
  if (depth > MAX_HOPS) return false
  const moved = await resolver.again(target)
  const { proxyJump } = await resolver.resolve(target)
  await Promise.all(proxyJump.map((hop) => leadsElsewhere(hopTarget(hop), resolver, depth + 1)))
  return moved
}

type Hops = readonly ResolvedTarget[]

const nextSocket = (via: Carrier | null, to: ResolvedTarget, signal: AbortSignal): Promise<Got<Duplex>> =>
  via === null ? openSocket(to.hostname, to.port, signal) : forward(via.link, to.hostname, to.port, signal)

// What makes two ways to a jump host the same: every stop with its login.
const keyOf = (hops: Hops): string =>
  JSON.stringify(hops.map((hop) => [hop.user, hop.hostname, hop.port, hop.hostKeyAlias, hop.identityFiles]))

const openHop = async (hops: Hops, hop: ResolvedTarget, options: Sharing, signal: AbortSignal): Promise<Got<Link>> => {
  const via = await carrierOver(hops.slice(0, -1), options, signal)
  if (via.is === 'failed') return via
  const carrier = via.value
  const fail = (got: Got<unknown> & { is: 'failed' }): Got<Link> => {
    carrier?.leave()
    return { is: 'failed', failure: byJumpHost(targetName(hop.target), got.failure) }
  }
  const sock = await nextSocket(carrier, hop, signal)
  if (sock.is === 'failed') return fail(sock)
  const { hosts } = await openKnownHosts(knownHostsPaths(hop, options.trustFile)).read()
  const link = await openLink(sock.value, hop, hosts, options, signal, carrier)
  if (link.is === 'failed') return fail(link)
  link.value.onLost(() => carrier?.leave())
  return link
}

type Sharing = WayOptions & { readonly bastions: Bastions }

/** The connection to the last of these jump hosts, which others may use already. */
const carrierOver = async (hops: Hops, options: Sharing, signal: AbortSignal): Promise<Got<Carrier | null>> => {
  const hop = hops.at(-1)
  if (hop === undefined) return { is: 'open', value: null }
  return options.bastions.take(keyOf(hops), targetName(hop.target), () => openHop(hops, hop, options, signal))
}

/** Opens the socket to a target, through its jump hosts where it has some. Never rejects; nothing stays open on failure. */
export const openWay = async (
  resolved: ResolvedTarget,
  options: WayOptions,
  signal: AbortSignal,
): Promise<Got<OpenWay>> => {
  try {
    const hops = await hopsOf(resolved, options.resolver)
    const via = await carrierOver(hops, { ...options, bastions: options.bastions ?? openBastions() }, signal)
    if (via.is === 'failed') return via
    const sock = await nextSocket(via.value, resolved, signal)
    if (sock.is === 'open') return { is: 'open', value: { sock: sock.value, carrier: via.value } }
    via.value?.leave()
    return sock
  } catch (error) {
    return { is: 'failed', failure: failure('transport', messageOf(error)) }
  }
}
