import { gunzipSync } from 'node:zlib'
import { redact } from '../../src/core/redact.ts'

/** What must not be read in a recording. */
export interface Names {
  readonly user: string
  /** Short and full names of the machine, and what it is called in vc.toml. */
  readonly hosts: readonly string[]
  readonly home: string
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

/** Scripts compress much of what they say; scrubbed it travels plain, with the header that says so. */
const unpacked = (text: string): string => {
  const [, header, rest] = /^(VCT gzip|gzip \d+ \d+)\n([\s\S]*)$/.exec(text) ?? []
  if (header === undefined || rest === undefined) return text
  const plain = header.startsWith('VCT') ? 'VCT plain' : header.replace('gzip', 'raw')
  return `${plain}\n${gunzipSync(Buffer.from(rest, 'latin1')).toString('latin1')}`
}

/** Takes user and host names, homes, mail and network addresses and keys out of a text, the same way each time. */
export const scrubber = ({ user, hosts, home }: Names): ((text: string) => string) => {
  const persons = [user].filter((name) => !PLAIN.has(name)).map(whole)
  const machines = hosts
    .filter((name) => !PLAIN.has(name))
    .toSorted((a, b) => b.length - a.length)
    .map(whole)
  const homes = new RegExp(`${escaped(latin(home))}(?=$|[/\\s"'\\\\:,\\x1e\\x1f\\0])`, 'g')
  return (text) => {
    let out = redact(unpacked(text))
    if (home.length > 1) out = out.replace(homes, '/home/dev')
    out = out.replace(ELSEWHERE, '/home/dev').replace(EMAIL, 'dev@example.org').replace(ADDRESS, '192.0.2.1')
    for (const name of machines) out = out.replace(name, 'host')
    for (const name of persons) out = out.replace(name, 'dev')
    return out
  }
}
