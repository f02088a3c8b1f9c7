import type { Duplex } from 'node:stream'
import { messageOf } from '../../core/errors.ts'
import { failure, type WayFailure } from './failure.ts'
import { openKnownHosts } from './known-hosts-files.ts'
import { type Got, type Link, type LinkOptions, openLink, openSocket } from './link.ts'
import type { TargetResolver } from './resolve.ts'
import type { ResolvedTarget } from './ssh-g.ts'
import { parseTarget, type SshTarget, targetName } from './target.ts'

export interface WayOptions extends LinkOptions {
  readonly resolver: TargetResolver
  /** vc's own known_hosts, read after the user's. */
  readonly trustFile: string | null
}

/** A socket to the target's ssh port, with the bastions that carry it. */
export interface OpenWay {
  readonly sock: Duplex
  readonly bastions: readonly Link[]
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

const prefixed = (why: WayFailure, hop: ResolvedTarget): WayFailure => ({
  ...why,
  detail: `jump host ${targetName(hop.target)}: ${why.detail}`,
})

const nextSocket = (via: Link | undefined, to: ResolvedTarget, signal: AbortSignal): Promise<Got<Duplex>> =>
  via === undefined ? openSocket(to.hostname, to.port, signal) : forward(via, to.hostname, to.port, signal)

/** Opens the socket to a target, through its jump hosts where it has some. Never rejects; nothing stays open on failure. */
export const openWay = async (
  resolved: ResolvedTarget,
  options: WayOptions,
  signal: AbortSignal,
): Promise<Got<OpenWay>> => {
  const bastions: Link[] = []
  const closeAll = () => {
    for (const link of bastions.toReversed()) link.close()
  }
  const fail = (why: WayFailure): Got<OpenWay> => {
    closeAll()
    return { is: 'failed', failure: why }
  }
  try {
    for (const hop of await hopsOf(resolved, options.resolver)) {
      const sock = await nextSocket(bastions.at(-1), hop, signal)
      if (sock.is === 'failed') return fail(prefixed(sock.failure, hop))
      const { hosts } = await openKnownHosts(knownHostsPaths(hop, options.trustFile)).read()
      const link = await openLink(sock.value, hop, hosts, options, signal)
      if (link.is === 'failed') return fail(prefixed(link.failure, hop))
      bastions.push(link.value)
    }
    const sock = await nextSocket(bastions.at(-1), resolved, signal)
    return sock.is === 'failed' ? fail(sock.failure) : { is: 'open', value: { sock: sock.value, bastions } }
  } catch (error) {
    return fail(failure('transport', messageOf(error)))
  }
}
