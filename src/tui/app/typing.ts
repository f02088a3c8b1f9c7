import { messageOf } from '../../core/errors.ts'
import type { Input } from '../input.ts'
import type { Pressed } from '../ports.ts'

// The terminal's names of keys, and tmux's.
const NAMED: Readonly<Record<string, string>> = {
  enter: 'Enter', esc: 'Escape', tab: 'Tab', 'shift-tab': 'BTab', backspace: 'BSpace', space: 'Space', up: 'Up', down: 'Down',
  left: 'Left', right: 'Right', home: 'Home', end: 'End', pageup: 'PageUp', pagedown: 'PageDown', insert: 'IC', delete: 'DC',
} // biome-ignore format: a table
const MODIFIERS: Readonly<Record<string, string>> = { ctrl: 'C-', alt: 'M-', shift: 'S-' }

/** What tmux calls this key; null: it cannot be pressed over there. */
export const tmuxKey = ({ key, text }: Input & { kind: 'key' }): string | null => {
  const named = NAMED[key] ?? (/^f(?:[1-9]|1[0-2])$/.test(key) ? key.toUpperCase() : undefined)
  if (named !== undefined) return named
  if (text !== '') return /^[^\p{C}\p{Z}]$/u.test(text) ? text : null
  const [, modifier = '', rest = ''] = /^(ctrl|alt|shift)-(.+)$/.exec(key) ?? []
  if (/^[a-z]$/.test(rest)) return modifier === 'ctrl' ? `C-${rest}` : null
  const inner = rest === '' || rest.includes('-') ? undefined : NAMED[rest]
  return inner === undefined ? null : `${MODIFIERS[modifier]}${inner}`
}

/** What is pressed within this time goes together. */
const TOGETHER_MS = 30
const MOST_KEYS = 64
// A key behind one of these, in the same instant, would be another key or part of a paste.
const ALONE = new Set(['Enter', 'Escape'])

interface Told {
  press(pressed: Pressed): Promise<string | null>
  /** These arrived. */
  arrived(): void
  /** They did not, and what waited behind them was dropped: the number of presses that were lost. */
  refused(why: string, lost: number): void
}

const sizeOf = ({ keys, text }: Pressed): number => (text === '' ? keys.length : 1)

/**
 * What a person presses, on its way to an agent: in its order, one message at a time; what comes while one is under way goes
 * together in the next. Each press carries the dialog that was on the screen when it was pressed.
 */
export const openTyping = ({ press, arrived, refused }: Told) => {
  let waiting: Pressed[] = []
  let timer: NodeJS.Timeout | undefined
  let underWay: Pressed | null = null
  let open = true

  const joins = (last: Pressed | undefined, key: string, dialog: string | null): last is Pressed =>
    last !== undefined && last.text === '' && last.dialog === dialog && last.keys.length < MOST_KEYS &&
    !ALONE.has(key) && !last.keys.some((one) => ALONE.has(one)) // biome-ignore format: one condition

  const lose = (why: string, sent: Pressed): void => {
    const lost = [sent, ...waiting].reduce((sum, one) => sum + sizeOf(one), 0)
    waiting = []
    refused(why, lost)
  }

  const send = async (): Promise<void> => {
    timer = undefined
    const [next, ...rest] = waiting
    if (next === undefined || underWay !== null) return
    waiting = rest
    underWay = next
    const why = await press(next).catch(messageOf)
    underWay = null
    if (!open) return
    if (why === null) arrived()
    else lose(why, next)
    if (waiting.length > 0) void send()
  }

  const soon = (): void => {
    if (underWay === null) timer ??= setTimeout(() => void send(), TOGETHER_MS)
  }

  return {
    key(key: string, dialog: string | null): void {
      const last = waiting.at(-1)
      if (joins(last, key, dialog)) waiting[waiting.length - 1] = { ...last, keys: [...last.keys, key] }
      else waiting.push({ keys: [key], text: '', dialog })
      soon()
    },
    paste(text: string, dialog: string | null): void {
      if (text !== '') waiting.push({ keys: [], text, dialog })
      soon()
    },
    /** Presses that have not arrived yet. */
    onTheWay: (): number =>
      [...(underWay === null ? [] : [underWay]), ...waiting].reduce((sum, one) => sum + sizeOf(one), 0),
    /** What has not gone out is dropped. */
    close(): void {
      open = false
      waiting = []
      clearTimeout(timer)
    },
  }
}
export type Typing = ReturnType<typeof openTyping>
