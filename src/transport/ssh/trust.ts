import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import ssh2 from 'ssh2'
import { VcError } from '../../core/errors.ts'
import { failure, handshakeFailure } from './failure.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type HostVerdict, keyTypeOf, knownName } from './known-hosts.ts'
import { openKnownHosts } from './known-hosts-files.ts'
import { type Got, hostKeyOrder } from './link.ts'
import type { ResolvedTarget } from './ssh-g.ts'
import { knownHostsPaths, openWay, type WayOptions } from './way.ts'

/** The key a machine offers, and how it stands with the known_hosts files. Nothing was authenticated. */
export interface ScannedKey {
  /** The name as known_hosts files write it. */
  readonly name: string
  readonly hostname: string
  readonly port: number
  readonly hostKeyAlias: string | null
  readonly keyType: string
  readonly keyBase64: string
  /** `SHA256:…` */
  readonly fingerprint: string
  readonly verdict: HostVerdict
  /** The known_hosts files that hold a key for this name. */
  readonly onFileIn: readonly string[]
}

export interface ScanOptions extends WayOptions {
  readonly timeoutMs: number
}

/** Asks a machine for its host key and leaves before login; jump hosts on the way are checked and logged into. Never rejects. */
export const scanHostKey = async (resolved: ResolvedTarget, options: ScanOptions): Promise<Got<ScannedKey>> => {
  const tooLate = AbortSignal.timeout(options.timeoutMs)
  const paths = knownHostsPaths(resolved, options.trustFile)
  const { hosts } = await openKnownHosts(paths).read()
  const way = await openWay(resolved, options, tooLate)
  if (way.is === 'failed') return way
  const { sock, carrier } = way.value
  const { hostname, port, hostKeyAlias, user } = resolved
  const onFileIn = await filesThatKnow(resolved, paths)
  const scanned = await new Promise<Got<ScannedKey>>((settle) => {
    const client = new ssh2.Client()
    const fail = (why: ReturnType<typeof failure>) => settle({ is: 'failed', failure: why })
    client.on('error', (error) => fail(handshakeFailure(error)))
    client.on('close', () => fail(failure('connection_lost', `${hostname} closed the connection before showing a key`)))
    tooLate.addEventListener('abort', () =>
      fail(failure('connect_timeout', `${hostname} port ${port} showed no key in time`)),
    )
    client.connect({
      sock,
      username: user,
      readyTimeout: 0,
      authHandler: [],
      algorithms: { serverHostKey: hostKeyOrder(hosts.typesOnFile(hostname, port, hostKeyAlias)) },
      hostVerifier: (key: Buffer) => {
        settle({
          is: 'open',
          value: {
            name: knownName(hostname, port, hostKeyAlias),
            hostname,
            port,
            hostKeyAlias,
            keyType: keyTypeOf(key) ?? 'unknown',
            keyBase64: key.toString('base64'),
            fingerprint: fingerprintOf(key),
            verdict: hosts.verify(hostname, port, hostKeyAlias, key),
            onFileIn,
          },
        })
        return false
      },
    })
  })
  sock.destroy()
  carrier?.leave()
  return scanned
}

const filesThatKnow = async (
  { hostname, port, hostKeyAlias }: ResolvedTarget,
  paths: readonly string[],
): Promise<readonly string[]> => {
  const knowing = paths.map(async (path) => {
    const { hosts } = await openKnownHosts([path]).read()
    return hosts.typesOnFile(hostname, port, hostKeyAlias).length > 0 ? [path] : []
  })
  return (await Promise.all(knowing)).flat()
}

/** After a changed key a daemon leaves a machine alone until a known_hosts file changes: this changes vc's own. */
export const stirTrust = async (file: string): Promise<void> => {
  const handle = await open(file, 'a', 0o600)
  const now = new Date()
  await handle.utimes(now, now).finally(() => handle.close())
}

const append = async (file: string, line: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    // A last line without its newline must not swallow ours.
    const gap = size > 0 && last.toString() !== '\n' ? '\n' : ''
    await handle.appendFile(`${gap}${line}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes a key a person has confirmed to vc's own known_hosts. `others` are the user's files, which count too.
 * Returns `already` when the key is known. Never replaces: throws VcError `host_key_changed` when another key
 * is on file for the name or the key is revoked.
 */
export const writeTrust = async (
  file: string,
  key: ScannedKey,
  others: readonly string[],
): Promise<'written' | 'already'> => {
  const { hosts } = await openKnownHosts([...others, file]).read()
  const blob = Buffer.from(key.keyBase64, 'base64')
  const verdict = hosts.verify(key.hostname, key.port, key.hostKeyAlias, blob)
  if (verdict === 'ok') return 'already'
  if (verdict !== 'unknown')
    throw new VcError(
      'host_key_changed',
      `${key.name} offers ${key.fingerprint}, but another key is on file (or this one is revoked)`,
      `find out why it changed; if that is right, remove the old key with: ssh-keygen -R '${key.name}'`,
    )
  await append(file, `${key.name} ${key.keyType} ${key.keyBase64}`)
  return 'written'
}
