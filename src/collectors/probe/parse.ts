import { decodeUtf8 } from '../../core/text.ts'

/** The cut text of one probe: head lines by key, section lines by section name. A missing section means "not available". */
export interface ProbeText {
  readonly is: 'probe'
  /** `uname -s`: Linux, Darwin or something else. */
  readonly os: string
  readonly head: ReadonlyMap<string, string>
  readonly sections: ReadonlyMap<string, readonly string[]>
  /** No end marker: the last section was dropped, because nobody knows how much of it is missing. */
  readonly partial: boolean
  /** Whole seconds the script says it took; null when it did not reach its end. */
  readonly tookS: number | null
}

export type ProbeParse =
  | ProbeText
  | { readonly is: 'no_begin' }
  | { readonly is: 'incompatible_format'; readonly format: string }

const MAX_LINES = 5_000

/**
 * Format 1 of the probe. Everything before `@@<nonce> begin` is noise of login shells; a line that looks like a marker but
 * has another nonce is data of the section it stands in. Never throws.
 */
export const parseProbe = (stdout: Uint8Array, nonce: string): ProbeParse => {
  const marker = `@@${nonce} `
  const all = decodeUtf8(stdout).split('\n')
  all.pop() // after the last LF: empty, or an incomplete line
  const first = all.findIndex((line) => line.startsWith(`${marker}begin `))
  if (first < 0) return { is: 'no_begin' }
  const [, , format = '', os = 'unknown'] = (all[first] ?? '').split(' ')
  if (format !== '1') return { is: 'incompatible_format', format: format.slice(0, 32) }
  return { is: 'probe', os: os.slice(0, 32), ...cut(all.slice(first + 1, first + 1 + MAX_LINES), marker) }
}

type Cut = Pick<ProbeText, 'head' | 'sections' | 'partial' | 'tookS'>

const cut = (lines: readonly string[], marker: string): Cut => {
  const head = new Map<string, string>()
  const sections = new Map<string, string[]>()
  let last: string | null = null
  let section: string[] | null = null
  for (const line of lines) {
    if (!line.startsWith(marker)) {
      if (section === null) keepPair(head, line)
      else section.push(line)
      continue
    }
    const said = line.slice(marker.length)
    if (said.startsWith('end')) {
      const took = said.slice(4)
      return { head, sections, partial: false, tookS: /^\d{1,6}$/.test(took) ? Number(took) : null }
    }
    last = said
    section = sections.get(said) ?? []
    sections.set(said, section)
  }
  if (last !== null) sections.delete(last)
  return { head, sections, partial: true, tookS: null }
}

const keepPair = (into: Map<string, string>, line: string): void => {
  const tab = line.indexOf('\t')
  if (tab > 0) into.set(line.slice(0, tab), line.slice(tab + 1))
}

/** `key<TAB>value` lines of a section. */
export const pairsOf = (lines: readonly string[] | undefined): ReadonlyMap<string, string> => {
  const pairs = new Map<string, string>()
  for (const line of lines ?? []) keepPair(pairs, line)
  return pairs
}

/** `key value…` or `key: value…` lines (kernel and sysctl text). */
export const wordsOf = (lines: readonly string[] | undefined): ReadonlyMap<string, string> => {
  const words = new Map<string, string>()
  for (const line of lines ?? []) {
    const match = /^([^\s:]+):?\s+(.*)$/.exec(line)
    if (match?.[1] !== undefined) words.set(match[1], (match[2] ?? '').trim())
  }
  return words
}

const OWN_NONCE = /^@@([0-9a-f]{16}) begin /

/**
 * The nonce of the very first line. The transport's frame has already proved that the first byte of an answer is the script's
 * own, so this is as good as the nonce vc sent; a recorded answer, played back later, has only this one.
 */
export const leadingNonce = (stdout: Uint8Array): string | null =>
  OWN_NONCE.exec(decodeUtf8(stdout.subarray(0, 64)))?.[1] ?? null
