import { readFile, stat } from 'node:fs/promises'
import type { ResolvedTarget } from './ssh-g.ts'

const MAX_BYTES = 64 * 1024

/** Strings of the key itself, with the nonce, before the fields that all certificates share (PROTOCOL.certkeys). */
const KEY_STRINGS: readonly (readonly [RegExp, number])[] = [
  [/^ssh-ed25519-cert/, 2],
  [/^(ssh-rsa|rsa-sha2-\d+|ecdsa-sha2-nistp\d+|sk-ssh-ed25519)-cert/, 3],
  [/^sk-ecdsa-sha2-nistp256-cert/, 4],
]

/** When a certificate begins and ends to count, in seconds since 1970; `until` is Infinity for one that never ends. */
export interface Validity {
  readonly from: number
  readonly until: number
}

/** Reads the text of a `-cert.pub` file; null for anything else, whatever its bytes. */
export function validityOf(text: string): Validity | null {
  const blob = Buffer.from(/^\S+\s+([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? '', 'base64')
  let at = 0
  const string = (): Buffer => {
    const end = at + 4 + blob.readUInt32BE(at)
    const bytes = blob.subarray(at + 4, end)
    at = end
    return bytes
  }
  try {
    const type = string().toString('latin1')
    const strings = KEY_STRINGS.find(([pattern]) => pattern.test(type))?.[1]
    if (strings === undefined) return null
    for (let i = 0; i < strings; i++) string()
    at += 8 + 4
    string()
    string()
    const [from, until] = [blob.readBigUInt64BE(at), blob.readBigUInt64BE(at + 8)]
    return { from: Number(from), until: until === 2n ** 64n - 1n ? Number.POSITIVE_INFINITY : Number(until) }
  } catch {
    return null
  }
}

/** The first certificate a target would log in with; null when there is none. */
export const certificateOf = async (resolved: ResolvedTarget): Promise<string | null> => {
  const beside = resolved.identityFiles.map((path) => `${path}-cert.pub`)
  for (const path of [...resolved.certificateFiles, ...beside])
    if ((await stat(path).catch(() => null))?.isFile() === true) return path
  return null
}

const day = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'an unreadable time' : `${date.toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** What is wrong with the time of the certificate a login uses, which neither ssh nor the server says; null if nothing is. */
export const certificateTrouble = async (resolved: ResolvedTarget, nowMs: number): Promise<string | null> => {
  const path = await certificateOf(resolved)
  if (path === null) return null
  const size = (await stat(path).catch(() => null))?.size ?? 0
  const validity = size > MAX_BYTES ? null : validityOf(await readFile(path, 'utf8').catch(() => ''))
  if (validity === null) return null
  if (validity.until * 1000 <= nowMs) return `its certificate ${path} ended at ${day(validity.until)}: have it renewed`
  return validity.from * 1000 > nowMs ? `its certificate ${path} counts only from ${day(validity.from)}` : null
}
