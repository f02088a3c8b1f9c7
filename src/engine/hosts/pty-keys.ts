const CURSOR: Readonly<Record<string, string>> = { Up: 'A', Down: 'B', Right: 'C', Left: 'D', Home: 'H', End: 'F' }

const PLAIN: Readonly<Record<string, string>> = {
  Enter: '\r',
  Escape: '\u001b',
  Tab: '\t',
  BTab: '\u001b[Z',
  BSpace: '\u007f',
  Space: ' ',
  PageUp: '\u001b[5~',
  PPage: '\u001b[5~',
  PageDown: '\u001b[6~',
  NPage: '\u001b[6~',
  IC: '\u001b[2~',
  DC: '\u001b[3~',
}

const FUNCTION = ['OP', 'OQ', 'OR', 'OS', '[15~', '[17~', '[18~', '[19~', '[20~', '[21~', '[23~', '[24~']

const bare = (key: string, applicationCursor: boolean): string => {
  const cursor = CURSOR[key]
  if (cursor !== undefined) return `\u001b${applicationCursor ? 'O' : '['}${cursor}`
  const nth = /^F(\d+)$/.exec(key)?.[1]
  if (nth !== undefined) return `\u001b${FUNCTION[Number(nth) - 1] ?? ''}`
  return PLAIN[key] ?? key
}

const control = (sequence: string): string => {
  const code = sequence.toUpperCase().charCodeAt(0)
  if (sequence.length === 1 && code >= 0x40 && code <= 0x5f) return String.fromCharCode(code & 0x1f)
  return sequence === ' ' ? '\0' : sequence === '?' ? '\u007f' : sequence
}

/** What a terminal sends for a key as tmux names it, `C-` and `M-` in front included. Modified cursor keys are sent unmodified. */
export const keyBytes = (name: string, applicationCursor: boolean): string => {
  const [, modifiers = '', key = name] = /^((?:[CMS]-)*)(.+)$/u.exec(name) ?? []
  const plain = bare(key, applicationCursor)
  const sequence = modifiers.includes('C-') ? control(plain) : plain
  return modifiers.includes('M-') ? `\u001b${sequence}` : sequence
}
