// Argument bytes travel as octal data for printf %b, which every POSIX sh decodes alike. Nothing a machine ever said
// (paths, pane ids, socket names) is script text, so nothing of it can be parsed as script.
const PLAIN = /[A-Za-z0-9_./:@,=+]/

const octal = (byte: number): string => {
  const char = String.fromCharCode(byte)
  return byte < 0x80 && PLAIN.test(char) ? char : `\\0${byte.toString(8).padStart(3, '0')}`
}

const encode = (text: string): string => {
  let out = ''
  for (const byte of Buffer.from(text, 'utf8')) out += octal(byte)
  return out
}

// Bytes that may part the decoded arguments: no white space (IFS folds it), no \001 or \177 (bash uses them itself).
const SEPARATORS = [0x1f, 0x1e, 0x1d, 0x1c, ...Array.from({ length: 0x1b - 0x0e }, (_, i) => 0x0e + i)]

const oneByOne = (args: readonly string[]): string =>
  ['set --', ...args.map((arg) => `vc_a=$(printf %b '${encode(arg)}x'); set -- "$@" "\${vc_a%x}"`)].join('\n')

/**
 * POSIX sh lines that set "$1", "$2", … to exactly these strings, with one fork for all of them. Arguments that use
 * every byte fit to part them are decoded one by one, a fork each.
 */
export function setPositional(args: readonly string[]): string {
  if (args.length === 0) return 'set --'
  const all = args.join('')
  const separator = SEPARATORS.find((byte) => !all.includes(String.fromCharCode(byte)))
  if (separator === undefined) return oneByOne(args)
  const sep = String.fromCharCode(separator)
  const data = args.map((arg) => encode(arg) + octal(separator)).join('')
  return `vc_a=$(printf %b '${data}'); IFS='${sep}'; set -f; set -- $vc_a; set +f; IFS=$vc_ifs`
}

const DECODED = /\\0([0-7]{3})/g
const decode = (data: string): string => {
  const plain = data.replace(DECODED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return Buffer.from(plain, 'latin1').toString('utf8')
}

/** The inverse of setPositional, for the machines that are recordings. */
export function readPositional(text: string): readonly string[] {
  if (text === 'set --') return []
  const shared = /^vc_a=\$\(printf %b '([^']*)'\); IFS='([^'])';/.exec(text)
  if (shared) {
    const [, data = '', sep = ''] = shared
    const parts = data.split(octal(sep.charCodeAt(0)))
    return parts.slice(0, -1).map(decode)
  }
  return Array.from(text.matchAll(/printf %b '([^']*)x'\)/g), (match) => decode(match[1] ?? ''))
}
