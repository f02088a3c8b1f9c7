import { gunzipSync } from 'node:zlib'
import { sha256 } from '../core/ids.ts'
import { redact } from '../core/redact.ts'

/** What must not be read in a recording. */
export interface Names {
  readonly user: string
  /** Short and full names of the machine, and what it is called in vc.toml. */
  readonly hosts: readonly string[]
  readonly home: string
}

export const SCRUBBED = ['secrets', 'homes', 'mail addresses', 'network addresses', 'ids', 'hosts', 'users'] as const
type Kind = (typeof SCRUBBED)[number]

export interface Scrubber {
  (text: string): string
  /** How often each kind was taken out so far; kinds that never occurred are left out. */
  counts(): Readonly<Partial<Record<Kind, number>>>
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

// Latin-1, as the recorder hands its texts over.
const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const whole = (name: string): RegExp => new RegExp(`(?<![\\w.-])${escaped(latin(name))}(?![\\w-])`, 'gi')

// Names that stand for nobody, and are words of the tools themselves.
const PLAIN = new Set(['', 'root', 'git', 'dev', 'user', 'localhost', 'local'])

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g
const ADDRESS = /(?<![\d.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g
const ELSEWHERE = /\/(?:home|Users)\/[^/\s"'\\:\x1e\x1f\0]+/g
/** Sessions, accounts, machines and boots are named like this. Commits (40 digits) say nothing of a person. */
const UUID = /(?<![\da-f-])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f-])/gi
const MARK = 'decade00'

/** The same id becomes the same other id everywhere, so that what belongs together still does. */
const otherId = (id: string): string => {
  if (id.startsWith(MARK)) return id
  const hash = sha256(id.toLowerCase())
  return `${MARK}-${hash.slice(0, 4)}-4${hash.slice(4, 7)}-8${hash.slice(7, 10)}-${hash.slice(10, 22)}`
}

/** Scripts compress much of what they say; scrubbed it travels plain, with the header that says so. */
const unpacked = (text: string): string => {
  const [, header, rest] = /^(VCT gzip|gzip \d+ \d+)\n([\s\S]*)$/.exec(text) ?? []
  if (header === undefined || rest === undefined) return text
  const plain = header.startsWith('VCT') ? 'VCT plain' : header.replace('gzip', 'raw')
  return `${plain}\n${gunzipSync(Buffer.from(rest, 'latin1')).toString('latin1')}`
}

const redactions = (text: string): number => text.split('[redacted ').length - 1

/** Takes user and host names, homes, mail and network addresses, ids and keys out of a text, the same way each time. */
export const scrubber = ({ user, hosts, home }: Names): Scrubber => {
  const counted = new Map<Kind, number>()
  const count = (kind: Kind, times = 1): void => {
    if (times > 0) counted.set(kind, (counted.get(kind) ?? 0) + times)
  }
  const persons = [user].filter((name) => !PLAIN.has(name)).map(whole)
  const machines = hosts
    .filter((name) => !PLAIN.has(name))
    .toSorted((a, b) => b.length - a.length)
    .map(whole)
  const homes = new RegExp(`${escaped(latin(home))}(?=$|[/\\s"'\\\\:,\\x1e\\x1f\\0])`, 'g')
  const swap = (text: string, find: RegExp, kind: Kind, put: (found: string) => string): string =>
    text.replace(find, (found: string) => {
      const said = put(found)
      if (said !== found) count(kind)
      return said
    })
  const scrub = (text: string): string => {
    const plain = unpacked(text)
    let out = redact(plain)
    count('secrets', redactions(out) - redactions(plain))
    if (home.length > 1) out = swap(out, homes, 'homes', () => '/home/dev')
    out = swap(out, ELSEWHERE, 'homes', () => '/home/dev')
    out = swap(out, EMAIL, 'mail addresses', () => 'dev@example.org')
    out = swap(out, ADDRESS, 'network addresses', () => '192.0.2.1')
    out = swap(out, UUID, 'ids', otherId)
    for (const name of machines) out = swap(out, name, 'hosts', () => 'host')
    for (const name of persons) out = swap(out, name, 'users', () => 'dev')
    return out
  }
  return Object.assign(scrub, { counts: () => Object.fromEntries(counted) })
}
