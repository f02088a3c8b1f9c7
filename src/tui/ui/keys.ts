import type { Input } from '../input.ts'

const NAMED: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'esc',
  ' ': 'space',
}

// CSI or SS3 finals and numbers, as xterm, tmux, rxvt and the Linux console send them.
const FINALS: Readonly<Record<string, string>> = {
  A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', Z: 'shift-tab', M: 'enter',
  P: 'f1', Q: 'f2', R: 'f3', S: 'f4',
} // biome-ignore format: a table
const TILDES: Readonly<Record<string, string>> = {
  1: 'home', 2: 'insert', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end',
  11: 'f1', 12: 'f2', 13: 'f3', 14: 'f4', 15: 'f5', 17: 'f6', 18: 'f7', 19: 'f8', 20: 'f9', 21: 'f10', 23: 'f11', 24: 'f12',
} // biome-ignore format: a table

const SEQUENCE = /^\u001b(?:\[([<?]?)([0-9;]*)([A-Za-z~])|O([A-Za-z]))/
const UNFINISHED = /^\u001b(?:\[[<?]?[0-9;]*|O)?$/
const PASTE_BEGIN = '\u001b[200~'
const PASTE_END = '\u001b[201~'

const mouse = (numbers: string, final: string): Input | null => {
  const [button = 0, x = 0, y = 0] = numbers.split(';').map(Number)
  const at = { x: x - 1, y: y - 1 }
  if (button === 64 || button === 65) return { kind: 'mouse', what: button === 64 ? 'wheel-up' : 'wheel-down', ...at }
  return button === 0 ? { kind: 'mouse', what: final === 'M' ? 'down' : 'up', ...at } : null
}

const sequence = (match: RegExpExecArray): Input | null => {
  const [, mark = '', numbers = '', final = '', ss3 = ''] = match
  if (mark === '<') return mouse(numbers, final)
  const name = ss3 !== '' ? FINALS[ss3] : final === '~' ? TILDES[numbers.split(';')[0] ?? ''] : FINALS[final]
  if (name === undefined) return null
  const modifier = Number(numbers.split(';')[1] ?? '1') - 1
  const prefix = `${modifier & 4 ? 'ctrl-' : ''}${modifier & 2 ? 'alt-' : ''}${modifier & 1 ? 'shift-' : ''}`
  return { kind: 'key', key: prefix + name, text: '' }
}

const letter = (text: string): Input => {
  const code = text.codePointAt(0) ?? 0
  const named = NAMED[text]
  if (named !== undefined) return { kind: 'key', key: named, text: named === 'space' ? ' ' : '' }
  if (code < 32) return { kind: 'key', key: `ctrl-${String.fromCharCode(code + 96)}`, text: '' }
  return { kind: 'key', key: text, text }
}

const ESC_MS = 40

/**
 * Bytes of a terminal to keys. An escape that may begin a sequence waits 40 ms for the rest, so that Esc alone is Esc and
 * an arrow that came in two pieces is an arrow. Keys in the same chunk as a mouse report are not lost.
 */
export const openKeys = (tell: (input: Input) => void) => {
  let rest = ''
  let timer: NodeJS.Timeout | undefined

  /** The first input in `rest` and how long it is; null when more must come. */
  const first = (over: boolean): { readonly input: Input | null; readonly length: number } | null => {
    if (rest.startsWith(PASTE_BEGIN)) {
      const end = rest.indexOf(PASTE_END)
      if (end < 0) return null
      return { input: { kind: 'paste', text: rest.slice(PASTE_BEGIN.length, end) }, length: end + PASTE_END.length }
    }
    const match = SEQUENCE.exec(rest)
    if (match !== null) return { input: sequence(match), length: match[0].length }
    if (UNFINISHED.test(rest) && !over) return null
    const [head = ''] = rest
    return { input: letter(head), length: head.length }
  }

  const drain = (over: boolean): void => {
    clearTimeout(timer)
    while (rest !== '') {
      const found = first(over)
      if (found === null) {
        timer = setTimeout(() => drain(true), ESC_MS)
        return
      }
      rest = rest.slice(found.length)
      if (found.input !== null) tell(found.input)
    }
  }
  return {
    feed(text: string): void {
      rest += text
      drain(false)
    },
    close: (): void => clearTimeout(timer),
  }
}
