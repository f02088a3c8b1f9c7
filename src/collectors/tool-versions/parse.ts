import { decodeUtf8, displayText } from '../../core/text.ts'

export type VersionAnswer =
  | { readonly is: 'version'; readonly version: string }
  | { readonly is: 'error'; readonly error: string }

interface VersionsText {
  readonly is: 'versions'
  /** By position of the asked tool, from 1. */
  readonly answers: ReadonlyMap<number, VersionAnswer>
  readonly complete: boolean
}

export type VersionsParse = VersionsText | { readonly is: 'no_begin' }

const COLOURS = /\u001b\[[0-9;]*m/g
const VERSION = /\d{1,9}\.\d{1,9}(?:\.\d{1,9})?[^\s,;:()'"\]]{0,40}/

/** Cuts the answer by its own nonce; the last tool of a cut answer is the one that took too long. Never throws. */
export const parseVersions = (stdout: Uint8Array): VersionsParse => {
  const text = decodeUtf8(stdout)
  const nonce = /^vc-versions 1 ([0-9a-f]{16})\n/.exec(text)?.[1]
  if (nonce === undefined) return { is: 'no_begin' }
  const parts = text.split(`\u001e${nonce} `).slice(1)
  const complete = parts.at(-1) === 'end'
  const answers = new Map<number, VersionAnswer>()
  for (const [at, part] of (complete ? parts.slice(0, -1) : parts).entries()) {
    const [head = '', words, code] = part.split(`\u001f${nonce}`)
    const index = /^R (\d{1,4})$/.exec(head)?.[1]
    // a flood was cut before its exit code: its first words still count, unless nothing at all came after it
    const cut = code ?? (at < parts.length - 1 ? 'flood' : undefined)
    if (index !== undefined) answers.set(Number(index), answerOf(words, cut))
  }
  return { is: 'versions', answers, complete }
}

const answerOf = (words: string | undefined, code: string | undefined): VersionAnswer => {
  const error = (text: string): VersionAnswer => ({ is: 'error', error: text })
  if (words === undefined || code === undefined) return error('no answer')
  if (code === 'untimed') return error('not run: the machine has no timeout and no perl')
  if (/^(124|137|142)$/.test(code)) return error('no answer within 10 s')
  const version = VERSION.exec(packageVersion(words) ?? words.replace(COLOURS, ''))?.[0]
  if (version !== undefined) return { is: 'version', version: displayText(version, 64) }
  return error(code === '0' || code === 'flood' ? 'no version in its output' : `exit ${displayText(code, 8)}`)
}

// lines of a package.json: only the version of the right package counts, not that of a folder above it
const packageVersion = (words: string): string | null => {
  if (!/^\s*"(name|version)"\s*:/.test(words)) return null
  const name = /"name"\s*:\s*"([^"]*)"/.exec(words)?.[1] ?? ''
  const version = /"version"\s*:\s*"([^"]*)"/.exec(words)?.[1] ?? ''
  return /gemini-cli|opencode/.test(name) ? version : ''
}
