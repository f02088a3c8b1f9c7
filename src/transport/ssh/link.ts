import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyAuthMethod, AuthHandlerMiddleware, Client, ServerHostKeyAlgorithm } from 'ssh2'
import ssh2 from 'ssh2'
import { byJumpHost, type Carrier } from './bastions.ts'
import { failure, handshakeFailure, socketFailure, type WayFailure } from './failure.ts'
import { fingerprintOf } from './fingerprint.ts'
import { openGatheredReads, pausableSocket } from './gathered-reads.ts'
import { planAuth } from './identity.ts'
import type { KnownHosts } from './known-hosts.ts'
import { loginRefused } from './login-words.ts'
import type { ResolvedTarget } from './ssh-g.ts'

/** One authenticated connection. */
export interface Link {
  readonly client: Client
  /** Why the connection is gone; null while it stands. */
  lost(): WayFailure | null
  /** Tells of the loss, at once when it has happened. Answers how to stop listening: links outlive runs by far. */
  onLost(tell: (why: WayFailure) => void): () => void
  /** It has just answered: the next keepalive is a whole interval away. */
  heard(): void
  /** A run begins; call the answer when it has ended. What a patient one brings is read with what others bring. */
  begin(patient: boolean): () => void
  close(): void
}

export type Got<T> =
  | { readonly is: 'open'; readonly value: T }
  | { readonly is: 'failed'; readonly failure: WayFailure }

export interface LinkOptions {
  readonly keepaliveIntervalMs: number
  readonly keepaliveCountMax: number
}

const failed = (why: WayFailure): { is: 'failed'; failure: WayFailure } => ({ is: 'failed', failure: why })

/** An open connection that `openLink` may log in over, or why there is none. */
export const openSocket = (host: string, port: number, signal: AbortSignal): Promise<Got<Socket>> =>
  new Promise((settle) => {
    const socket = pausableSocket(host, port)
    const tooLate = () => {
      socket.destroy()
      settle(failed(failure('connect_timeout', `${host} port ${port} did not answer in time`)))
    }
    // Not connect's own `signal`: that would still end the socket when it fires long after the connect.
    signal.addEventListener('abort', tooLate, { once: true })
    const settled = (got: Got<Socket>) => {
      signal.removeEventListener('abort', tooLate)
      settle(got)
    }
    socket.once('connect', () => settled({ is: 'open', value: socket }))
    socket.on('error', (error) => settled(failed(socketFailure(error))))
    if (signal.aborted) tooLate()
  })

// SHA-1 signatures (ssh-rsa) stay out, as in the ssh binary.
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** Types on file first: a host known by one key type and offering another would look changed. */
export const hostKeyOrder = (typesOnFile: readonly string[]): ServerHostKeyAlgorithm[] => {
  const known = HOST_KEY_ALGORITHMS.filter((name) => typesOnFile.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name))
  return [...known, ...HOST_KEY_ALGORITHMS.filter((name) => !known.includes(name))]
}

const keyProblem = (
  resolved: ResolvedTarget,
  known: KnownHosts,
  key: Buffer,
  address: string | null,
): WayFailure | null => {
  const { hostname, port, hostKeyAlias } = resolved
  const byName = known.verify(hostname, port, hostKeyAlias, key)
  // An address never vouches for a name; with CheckHostIP it may object.
  const byAddress = resolved.checkHostIp && address !== null ? known.verify(address, port, null, key) : 'ok'
  const what = `${fingerprintOf(key)} of ${hostKeyAlias ?? hostname}`
  if (byName === 'revoked' || byAddress === 'revoked') return failure('host_key_changed', `host key ${what} is revoked`)
  if (byName === 'changed' || byAddress === 'changed')
    return failure('host_key_changed', `host key ${what} is not the one on file`)
  return byName === 'unknown' ? failure('host_key_unknown', `host key ${what} is not in any known_hosts file`) : null
}

// Not part of what ssh2 documents; without it a connection is merely asked more often than it must.
interface KeptAlive extends Client {
  readonly _resetKA?: () => void
}

const reads = openGatheredReads()
const readsNothing = (): void => {}

const linkOf = (client: Client, sock: Duplex): Link & { lose(why: WayFailure): void } => {
  let lost: WayFailure | null = null
  const listeners = new Set<(why: WayFailure) => void>()
  const lose = (why: WayFailure) => {
    if (lost !== null) return
    lost = why
    client.destroy()
    sock.destroy()
    for (const tell of [...listeners]) tell(why)
    listeners.clear()
  }
  return {
    client,
    lose,
    lost: () => lost,
    onLost(tell) {
      if (lost !== null) tell(lost)
      else listeners.add(tell)
      return () => void listeners.delete(tell)
    },
    // A channel that opens puts it off too; data does not, and a server that was polled need not be asked if it lives.
    heard: () => (client as KeptAlive)._resetKA?.(),
    // What comes through another connection is read there.
    begin: (patient) => (sock instanceof Socket ? reads.begin(sock, patient) : readsNothing),
    close: () => {
      client.end()
      lose(failure('connection_lost', 'closed by vc'))
    },
  }
}

/** Not every error of ssh2 ends the attempt: a dead agent or one refused signature moves on to the next method. */
const movesOn = (error: Error & { level?: string }): boolean =>
  error.level === 'agent' || (error.level === 'client-authentication' && !/^All configured/.test(error.message))

/**
 * Key exchange, host key check and login over an open socket. Never rejects.
 * `signal` ends the attempt; its reason is taken for a connect timeout. A lost `carrier` takes the link with it, by name.
 */
export const openLink = async (
  sock: Duplex,
  resolved: ResolvedTarget,
  known: KnownHosts,
  options: LinkOptions,
  signal: AbortSignal,
  carrier: Carrier | null = null,
): Promise<Got<Link>> => {
  const plan = await planAuth(resolved)
  const { hostname, port, hostKeyAlias, user } = resolved
  return new Promise((settle) => {
    const client = new ssh2.Client()
    const link = linkOf(client, sock)
    let ready = false
    let badKey: WayFailure | null = null
    let takes: readonly string[] | null = null
    const offers: AnyAuthMethod[] = plan.methods.length > 0 ? [...plan.methods] : [{ type: 'none', username: user }]
    // Not the list itself: only so does ssh2 say what the server would take instead.
    const nextOffer = (left: readonly string[] | null): AnyAuthMethod | false => {
      takes = left ?? takes
      return offers.shift() ?? false
    }
    const giveUp = (why: WayFailure) => {
      signal.removeEventListener('abort', tooLate)
      link.lose(why)
      settle(failed(why))
    }
    const tooLate = () => giveUp(failure('connect_timeout', `no login at ${hostname} port ${port} in time`))
    signal.addEventListener('abort', tooLate)
    client.on('ready', () => {
      ready = true
      signal.removeEventListener('abort', tooLate)
      settle({ is: 'open', value: link })
    })
    const deaf = carrier?.link.onLost((lost) => {
      const why = byJumpHost(carrier.name, failure('connection_lost', lost.detail))
      if (ready) link.lose(why)
      else giveUp(why)
    })
    if (deaf !== undefined) link.onLost(deaf)
    // Permanent: a failed handshake emits a second error later, which would otherwise be uncaught.
    client.on('error', (error: Error & { level?: string }) => {
      if (ready) return link.lose(failure('connection_lost', error.message))
      if (movesOn(error)) return
      const why = badKey ?? handshakeFailure(error)
      const refused = () => loginRefused({ user, hostname, plan, takes, said: error.message })
      giveUp(why.class === 'auth' ? failure('auth', refused()) : why)
    })
    client.on('close', () => {
      if (ready) link.lose(failure('connection_lost', `${hostname} closed the connection`))
      else giveUp(badKey ?? failure('connection_lost', `${hostname} closed the connection before login`))
    })
    client.connect({
      sock,
      username: user,
      authHandler: nextOffer as AuthHandlerMiddleware,
      hostVerifier: (key: Buffer) => {
        const address = 'remoteAddress' in sock ? ((sock as Socket).remoteAddress ?? null) : null
        badKey = keyProblem(resolved, known, key, address)
        return badKey === null
      },
      algorithms: { serverHostKey: hostKeyOrder(known.typesOnFile(hostname, port, hostKeyAlias)) },
      keepaliveInterval: options.keepaliveIntervalMs,
      keepaliveCountMax: options.keepaliveCountMax,
      readyTimeout: 0,
      agentForward: false,
      tryKeyboard: false,
    })
    if (signal.aborted) tooLate()
  })
}
