import { createHmac } from 'node:crypto'

export type HostVerdict = 'ok' | 'unknown' | 'changed' | 'revoked'

interface HostLine {
  readonly marker: 'cert-authority' | 'revoked' | null
  readonly keyType: string
  /** Key blob in canonical base64. */
  readonly key: string
}

/** Lines of one or more known_hosts files, ready to be asked. Pure; reading files is known-hosts-files.ts. */
export interface KnownHosts {
  /** How `key` (the raw blob the server offered) stands for a name; port 22 is the bare name, an alias stands for both. */
  verify(host: string, port: number, alias: string | null, key: Uint8Array): HostVerdict
  /** Key types on file for the name, so that the server can be asked for one of them. */
  typesOnFile(host: string, port: number, alias: string | null): readonly string[]
  /** True when a certificate authority vouches for the name (ssh2 cannot check certificates). */
  hasCertAuthority(host: string, port: number, alias: string | null): boolean
}

interface Patterned {
  readonly matches: (name: string) => boolean
  readonly line: HostLine
}
interface Hashed {
  readonly salt: Buffer
  readonly hash: string
  readonly line: HostLine
}

const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  )

const patternMatcher = (patterns: readonly string[]): ((name: string) => boolean) => {
  const rules = patterns.map((text) => ({
    not: text.startsWith('!'),
    glob: globToRegExp(text.replace(/^!/, '')),
  }))
  return (name) => rules.some((r) => !r.not && r.glob.test(name)) && !rules.some((r) => r.not && r.glob.test(name))
}

/** RFC 4251 string at the head of a key blob: its type. Null when the blob is not a key. */
export const keyTypeOf = (blob: Uint8Array): string | null => {
  if (blob.length < 4) return null
  const length = Buffer.from(blob.buffer, blob.byteOffset, 4).readUInt32BE(0)
  if (length === 0 || length > 64 || blob.length < 4 + length) return null
  return Buffer.from(blob.subarray(4, 4 + length)).toString('latin1')
}

/** The name known_hosts files use: `host`, or `[host]:port` off the standard port; an alias replaces both. */
export const knownName = (host: string, port: number, alias: string | null): string =>
  (alias ?? (port === 22 ? host : `[${host}]:${port}`)).toLowerCase()

const LINE = /^(?:@(cert-authority|revoked)\s+)?(\S+)\s+(\S+)\s+([A-Za-z0-9+/=]+)/

const parseLine = (text: string): { hosts: string; line: HostLine } | null => {
  const found = LINE.exec(text.trim())
  if (found === null || found[2]?.startsWith('#')) return null
  const [, marker, hosts = '', keyType = '', base64 = ''] = found
  const blob = Buffer.from(base64, 'base64')
  // A line whose type and blob disagree proves nothing about any key.
  if (keyTypeOf(blob) !== keyType) return null
  const known = marker === 'revoked' || marker === 'cert-authority' ? marker : null
  return { hosts, line: { marker: known, keyType, key: blob.toString('base64') } }
}

class Index {
  readonly literal = new Map<string, HostLine[]>()
  readonly patterned: Patterned[] = []
  readonly hashed: Hashed[] = []
  // Hashed lines cost one HMAC each per name, so every name is looked up once per file change.
  readonly #answers = new Map<string, readonly HostLine[]>()

  add(text: string): void {
    const parsed = parseLine(text)
    if (parsed === null) return
    const { hosts, line } = parsed
    const hashed = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(hosts)
    if (hashed !== null) {
      this.hashed.push({ salt: Buffer.from(hashed[1] ?? '', 'base64'), hash: hashed[2] ?? '', line })
      return
    }
    const names = hosts.toLowerCase().split(',').filter(Boolean)
    if (names.some((name) => /[*?!]/.test(name))) {
      this.patterned.push({ matches: patternMatcher(names), line })
      return
    }
    for (const name of names) this.literal.set(name, [...(this.literal.get(name) ?? []), line])
  }

  linesFor(name: string): readonly HostLine[] {
    const before = this.#answers.get(name)
    if (before !== undefined) return before
    const lines = [
      ...(this.literal.get(name) ?? []),
      ...this.patterned.filter((p) => p.matches(name)).map((p) => p.line),
      ...this.hashed
        .filter((h) => createHmac('sha1', h.salt).update(name).digest('base64') === h.hash)
        .map((h) => h.line),
    ]
    this.#answers.set(name, lines)
    return lines
  }
}

const judge = (lines: readonly HostLine[], key: string): HostVerdict => {
  if (lines.some((l) => l.marker === 'revoked' && l.key === key)) return 'revoked'
  const plain = lines.filter((l) => l.marker === null)
  if (plain.length === 0) return 'unknown'
  return plain.some((l) => l.key === key) ? 'ok' : 'changed'
}

/** Reads the text of known_hosts files. Lines that are no known_hosts lines are skipped, as `ssh` does. */
export const parseKnownHosts = (texts: readonly string[]): KnownHosts => {
  const index = new Index()
  for (const text of texts) for (const line of text.split('\n')) index.add(line)
  /** Like ssh: off the standard port a key known for the bare name is accepted, but never makes a key "changed". */
  const bareName = (host: string, port: number, alias: string | null) =>
    alias === null && port !== 22 ? host.toLowerCase() : null
  const linesOf = (host: string, port: number, alias: string | null) => {
    const own = index.linesFor(knownName(host, port, alias))
    const bare = bareName(host, port, alias)
    return own.length > 0 || bare === null ? own : index.linesFor(bare)
  }
  return {
    verify(host, port, alias, key) {
      const text = Buffer.from(key).toString('base64')
      const own = judge(index.linesFor(knownName(host, port, alias)), text)
      const bare = bareName(host, port, alias)
      if (bare === null) return own
      const fallback = judge(index.linesFor(bare), text)
      if (fallback === 'revoked') return 'revoked'
      return own === 'unknown' && fallback === 'ok' ? 'ok' : own
    },
    typesOnFile: (host, port, alias) => [
      ...new Set(
        linesOf(host, port, alias)
          .filter((l) => l.marker === null)
          .map((l) => l.keyType),
      ),
    ],
    hasCertAuthority: (host, port, alias) => linesOf(host, port, alias).some((l) => l.marker === 'cert-authority'),
  }
}
