import { sha256 } from './ids.ts'

/**
 * Secrets in foreign text, replaced by their length and a short hash, so that two sightings of one secret can still be
 * told to be the same. Pure and idempotent. Order matters: forms with a name or frame first, bare tokens last.
 */
export const redact = (text: string): string => {
  // Nothing shorter can hold a secret and its mark, and most texts are short names.
  if (text.length < 8) return text
  let out = text
  for (const { has, find, keep } of RULES) {
    if (has === undefined || out.includes(has)) out = out.replace(find, keep)
  }
  return out.replace(BARE_TOKEN, (token) => (looksRandom(token) ? mark(token) : token))
}

const mark = (secret: string): string => `[redacted ${secret.length} #${sha256(secret).slice(0, 6)}]`

/** Already replaced on an earlier pass. */
const isMark = (value: string): boolean => value.startsWith('[redacted')

interface Rule {
  /** Without this the rule cannot match: most texts are asked few rules. */
  readonly has?: string
  readonly find: RegExp
  readonly keep: (whole: string, ...groups: string[]) => string
}

// Every repetition is bounded: the text may be hostile, and matching must stay linear.
const SECRET_NAME =
  '(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|passwd|passphrase|credential|private[_-]?key|auth[_-]?key|session[_-]?key|cookie)[\\w.-]{0,40}'

/** What stands between a name and its value. Quotes of JSON inside JSON have backslashes before them. */
const GIVES = `\\\\{0,3}["']?\\s{0,8}(?:=>|[=:])\\s{0,8}`

/** A value in quotes; where the text was cut off, the closing one is missing. */
const QUOTED = `(\\\\{0,3}["'])((?:(?!\\2)[^\\r\\n])+)(?:\\2|(?=[\\r\\n]|$))`

/** Tokens that say by their first letters what they are. */
const SHAPES = [
  'sk-(?:ant-)?[\\w-]{16,}|(?:sk|rk|pk)_(?:live|test)_\\w{10,}|whsec_[\\w+/]{16,}|nvapi-[\\w-]{20,}',
  '(?:csk-|xai-|pplx-|gsk_|r8_|fw_|hf_|npm_|ntn_|lin_api_|sb[ps]_|gh[oprsu]_)[A-Za-z0-9]{20,}',
  'AIza[\\w-]{30,}|AQ\\.[\\w-]{30,}|GOCSPX-[\\w-]{20,}|ya29\\.[\\w-]{20,}|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
  'github_pat_\\w{20,}|gl(?:pat|rt|dt|ft|cbt|ptt|soat|imt|oas|agent|ffct|wt)-[\\w.-]{16,}|pypi-\\w{20,}|ATATT[\\w=-]{20,}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|SG\\.[\\w-]{16,}\\.[\\w-]{16,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}',
  'do[opr]_v1_[0-9a-f]{32,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hv[bsr]\\.[\\w-]{20,}|dapi[0-9a-f]{32}',
  'dp\\.(?:st|pt|ct|sa|scim|audit)\\.[\\w.-]{20,}|tskey-[\\w-]{16,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}',
  'eyJ[\\w-]{8,}(?:\\.eyJ[\\w-]{8,}(?:\\.[\\w-]*)?|(?:\\.[\\w-]+){3,4})',
].join('|')

/** `tokens: 1234`, `max_tokens=4096`: counts, not secrets. */
const COUNT = /^\d{1,12}$/

const named = (whole: string, lead = '', quote = '', value = ''): string => {
  if (isMark(value) || COUNT.test(value) || /^(?:true|false|null|none|undefined)$/i.test(value)) return whole
  return `${lead}${quote}${mark(value)}${quote}`
}

const RULES: readonly Rule[] = [
  {
    has: '-----BEGIN',
    find: /-----BEGIN ([A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,20})-----(?! \[redacted)[\s\S]*?(?:-----END \1-----|$)/g,
    keep: (whole, kind = '') => `-----BEGIN ${kind}----- ${mark(whole)}`,
  },
  // scheme://user:password@host
  {
    has: '://',
    find: /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/[\]"']{0,128}:)([^\s/"'<>]{1,512})@/gi,
    keep: (whole, lead = '', value = '') => (isMark(value) ? whole : `${lead}${mark(value)}@`),
  },
  // The same with a slash in the password, as people paste it: `https://host:8443/a@b` is none.
  {
    has: '://',
    find: /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/[\]"']{0,128}:)(?!\d{1,5}[/?#])([^\s@"'<>[]{1,400})@/gi,
    keep: (_whole, lead = '', value = '') => `${lead}${mark(value)}@`,
  },
  // scheme://token@host (no colon): a long user part is a token, `git@` is a name
  {
    has: '://',
    find: /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([A-Za-z0-9_-]{20,512})@/gi,
    keep: (_whole, lead = '', value = '') => `${lead}${mark(value)}@`,
  },
  // Headers
  {
    find: /\b(authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:(?:bearer|basic|token|digest)\s{1,8})?)()(?!(?:bearer|basic|token|digest)\b)([^\s"',;[\]]+)/gi,
    keep: named,
  },
  { find: /\b(cookie["']?\s{0,8}:\s{0,8})()([^\s"'[][^\r\n"'[]*)/gi, keep: named },
  { find: /\b(bearer\s{1,8})()([A-Za-z0-9._~+/=-]{12,})/gi, keep: named },
  // NAME=value, "name": "value", name: value, <name>value
  { find: new RegExp(`(${SECRET_NAME}${GIVES})${QUOTED}`, 'gi'), keep: named },
  { find: new RegExp(`(${SECRET_NAME}${GIVES})()([^\\s"'\\\\,;&|)}\\]\\[]+)`, 'gi'), keep: named },
  { has: '<', find: new RegExp(`(<${SECRET_NAME}>)()([^<>\\s[][^<>\\r\\n]*)`, 'gi'), keep: named },
  // OPENAI_KEY=value, DB_PASS=value: such names count in capitals only, and PWD alone is a folder
  { has: '=', find: new RegExp(`(\\b[A-Z0-9_]{0,40}(?:_(?:PWD|KEY|AUTH|PAT)|PASS)=)${QUOTED}`, 'g'), keep: named },
  { has: '=', find: /(\b[A-Z0-9_]{0,40}(?:_(?:PWD|KEY|AUTH|PAT)|PASS)=)()([^\s"'\\,;&|)}\][]+)/g, keep: named },
  // ?sig=value of a signed address, and addresses that are secrets themselves
  {
    has: '=',
    find: /([?&](?:sig|signature|x-amz-signature|key|auth|code|pass|pwd)=)()([^\s"'&#<>[\]]+)/gi,
    keep: named,
  },
  {
    has: '/',
    find: /(hooks\.slack\.com\/[a-z]{3,20}\/|discord(?:app)?\.com\/api\/webhooks\/\d{1,25}\/|\/bot\d{6,12}:)()([\w/+-]{10,})/gi,
    keep: named,
  },
  // --token VALUE, --password=VALUE, "--token","VALUE"
  {
    has: '-',
    find: /((?<![\w-])--?(?:[a-z-]{0,32}-)?(?:token|pass|pwd|password|passwd|passphrase|secret|api-?key|access-?key|credential|auth)(?:\s{1,8}|=|["'],\s{0,4}["']))(["']?)([^\s"'[-][^\s"']*)\2/gi,
    keep: named,
  },
  // Tools whose short flag takes a password
  {
    has: ' -p',
    find: /(\b(?:sshpass|(?:docker|podman)\s{1,4}login)\b[^\r\n|;&]{0,200}?\s-p\s{0,4})()([^\s"'[]+)/g,
    keep: named,
  },
  {
    has: ' -p',
    find: /(\b(?:mysql|mysqldump|mysqladmin|mariadb)\s[^\r\n|;&]{0,200}?(?<=\s)-p)()([^\s"'[]+)/g,
    keep: named,
  },
  {
    has: 'curl',
    find: /(\bcurl\s[^\r\n|;]{0,300}?(?<=\s)(?:-u|--user|--proxy-user)[\s=]{0,4}["']?[^\s:"'[]{1,128}:)()([^\s"'[]+)/g,
    keep: named,
  },
  { has: 'login', find: /(\blogin\s{1,4}[^\s]{1,128}\s{1,4}password\s{1,4})()([^\s"'[]+)/g, keep: named },
  // Known shapes
  {
    find: new RegExp(`(?<![A-Za-z0-9])(?:${SHAPES})`, 'g'),
    keep: (whole) => mark(whole),
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
