import { sha256 } from './ids.ts'

/**
 * Secrets in foreign text, replaced by their length and a short hash, so that two sightings of one secret can still be
 * told to be the same. Pure and idempotent. Order matters: forms with a name or frame first, bare tokens last.
 */
export const redact = (text: string): string => {
  // Nothing shorter can hold a secret and its mark, and most texts are short names.
  if (text.length < 8) return text
  let out = text
  for (const { find, keep } of RULES) out = out.replace(find, (...match) => keep(match as readonly string[]))
  return out.replace(BARE_TOKEN, (token) => (looksRandom(token) ? mark(token) : token))
}

const mark = (secret: string): string => `[redacted ${secret.length} #${sha256(secret).slice(0, 6)}]`

/** Already replaced on an earlier pass. */
const isMark = (value: string): boolean => value.startsWith('[redacted')

interface Rule {
  readonly find: RegExp
  readonly keep: (match: readonly string[]) => string
}

// Every repetition is bounded: the text may be hostile, and matching must stay linear.
const SECRET_NAME =
  '(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|passwd|passphrase|credential|private[_-]?key|auth[_-]?key|session[_-]?key|cookie)[\\w.-]{0,40}'

/** `tokens: 1234`, `max_tokens=4096`: counts, not secrets. */
const COUNT = /^\d{1,12}$/

const named = (match: readonly string[]): string => {
  const [whole, lead = '', quote = '', value = ''] = match
  if (isMark(value) || COUNT.test(value) || /^(?:true|false|null|none|undefined)$/i.test(value)) return whole ?? ''
  return `${lead}${quote}${mark(value)}${quote}`
}

const RULES: readonly Rule[] = [
  {
    find: /-----BEGIN ([A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,20})-----(?! \[redacted)[\s\S]*?(?:-----END \1-----|$)/g,
    keep: ([whole = '', kind = '']) => `-----BEGIN ${kind}----- ${mark(whole)}`,
  },
  // scheme://user:password@host
  {
    find: /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,128}:)([^\s@/]{1,512})@/gi,
    keep: ([whole = '', lead = '', value = '']) => (isMark(value) ? whole : `${lead}${mark(value)}@`),
  },
  // scheme://token@host (no colon): a long user part is a token, `git@` is a name
  {
    find: /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([A-Za-z0-9_-]{20,512})@/gi,
    keep: ([, lead = '', value = '']) => `${lead}${mark(value)}@`,
  },
  // Headers
  {
    find: /\b(authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:(?:bearer|basic|token|digest)\s{1,8})?)()(?!(?:bearer|basic|token|digest)\b)([^\s"',;[\]]+)/gi,
    keep: named,
  },
  { find: /\b(cookie["']?\s{0,8}:\s{0,8})()([^\s"'[][^\r\n"'[]*)/gi, keep: named },
  { find: /\b(bearer\s{1,8})()([A-Za-z0-9._~+/=-]{12,})/gi, keep: named },
  // NAME=value, "name": "value", name: value
  { find: new RegExp(`(${SECRET_NAME}["']?\\s{0,8}[=:]\\s{0,8})(["'])((?:(?!\\2)[^\\r\\n])+)\\2`, 'gi'), keep: named },
  { find: new RegExp(`(${SECRET_NAME}["']?\\s{0,8}[=:]\\s{0,8})()([^\\s"',;&|)}\\]\\[]+)`, 'gi'), keep: named },
  // --token VALUE, --password=VALUE
  {
    find: /(--?(?:[a-z-]{0,32}-)?(?:token|password|passwd|secret|api-?key|access-?key|credential|auth)(?:\s{1,8}|=))(["']?)([^\s"'[-][^\s"']*)\2/gi,
    keep: named,
  },
  // Known shapes
  {
    find: /\b(?:sk-(?:ant-)?[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|npm_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|ya29\.[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)/g,
    keep: ([whole = '']) => mark(whole),
  },
]

/** A run of token characters; paths, dotted names and words with blanks are not runs. */
// A key fingerprint is public, and the whole point of the row that holds it.
const BARE_TOKEN = /(?<![A-Za-z0-9_/.~-])(?<!SHA256:[A-Za-z0-9+/]{0,43})[A-Za-z0-9_+=-]{32,}(?![A-Za-z0-9_/.-])/g

const HEX_ID = /^(?:[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** Letters of both cases and digits, close to random. Hashes and uuids are ids vc joins by, not secrets. */
const looksRandom = (token: string): boolean => {
  if (HEX_ID.test(token)) return false
  if (!/[a-z]/.test(token) || !/[A-Z]/.test(token) || !/[0-9]/.test(token)) return false
  return entropyBits(token) >= 4
}

/** Shannon entropy per character. */
const entropyBits = (token: string): number => {
  const counts = new Map<string, number>()
  for (const char of token) counts.set(char, (counts.get(char) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / token.length) * Math.log2(count / token.length)
  return bits
}
