/** One line of tmux control mode, as far as a live view of one pane cares. */
export type ControlEvent =
  | { readonly is: 'output'; readonly paneId: string; readonly bytes: Uint8Array }
  /** Answer to a command, in order; output before it came before the command, output after it after. */
  | { readonly is: 'reply'; readonly ok: boolean; readonly lines: readonly string[] }
  | { readonly is: 'pause'; readonly paneId: string }
  /** A format that was asked to be watched, by the name it was given. */
  | { readonly is: 'changed'; readonly name: string; readonly value: string }
  | { readonly is: 'exit'; readonly why: string }

const BACKSLASH = 0x5c

/** Octal escapes of `%output` back to bytes. */
const unoctal = (text: Uint8Array): Uint8Array => {
  if (!text.includes(BACKSLASH)) return text.slice()
  const out = new Uint8Array(text.length)
  let size = 0
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i] ?? 0
    const digits = byte === BACKSLASH ? [text[i + 1], text[i + 2], text[i + 3]].map((d) => (d ?? 0) - 0x30) : []
    const octal = digits.length === 3 && digits.every((d) => d >= 0 && d <= 7)
    out[size] = octal ? ((digits[0] ?? 0) << 6) | ((digits[1] ?? 0) << 3) | (digits[2] ?? 0) : byte
    size += 1
    if (octal) i += 3
  }
  return out.slice(0, size)
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

const OUTPUT = /^%output (%\d+) /
const EXTENDED = /^%extended-output (%\d+) \d+(?: [^:]*)? : /
/** A line longer than this is no control mode. */
const MAX_LINE_BYTES = 4 * 1024 * 1024

export interface ControlParser {
  push(chunk: Uint8Array): readonly ControlEvent[]
}

/** Bytes of `tmux -C` to events, whatever the chunks; unknown notifications are left out. Holds at most one line and one reply. */
export const openControlParser = (): ControlParser => {
  let rest: Uint8Array = new Uint8Array(0)
  let reply: { readonly number: string; readonly lines: string[] } | null = null

  const outputIn = (line: Uint8Array): ControlEvent | null => {
    const head = text(line.subarray(0, 80))
    const found = OUTPUT.exec(head) ?? EXTENDED.exec(head)
    return found ? { is: 'output', paneId: found[1] ?? '', bytes: unoctal(line.subarray(found[0].length)) } : null
  }
  const notice = (line: string): ControlEvent | null => {
    if (line.startsWith('%pause ')) return { is: 'pause', paneId: line.slice(7).trim() }
    const [, name, value] = /^%subscription-changed (\S+) [^:]*: (.*)$/.exec(line) ?? []
    if (name !== undefined) return { is: 'changed', name, value: value ?? '' }
    if (line === '%exit' || line.startsWith('%exit ')) return { is: 'exit', why: line.slice(6) }
    return null
  }
  const take = (line: Uint8Array): ControlEvent | null => {
    if (reply === null) {
      const output = outputIn(line)
      if (output !== null) return output
    }
    const words = text(line)
    if (reply !== null) {
      const [, ending, number] = /^%(end|error) (\d+ \d+) \d+$/.exec(words) ?? []
      // a line of a screen may look like an end; it cannot know the number
      if (number !== reply.number) {
        reply.lines.push(words)
        return null
      }
      const { lines } = reply
      reply = null
      return { is: 'reply', ok: ending === 'end', lines }
    }
    const [, number] = /^%begin (\d+ \d+) \d+$/.exec(words) ?? []
    if (number !== undefined) reply = { number, lines: [] }
    return number === undefined ? notice(words) : null
  }
  return {
    push(chunk) {
      const events: ControlEvent[] = []
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        const event = take(bytes.subarray(0, end))
        if (event !== null) events.push(event)
        bytes = bytes.subarray(end + 1)
      }
      rest = bytes.length > MAX_LINE_BYTES ? new Uint8Array(0) : bytes.slice()
      return events
    },
  }
}
