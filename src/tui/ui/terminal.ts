import type { Duplex, Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Input } from '../input.ts'
import type { Piece } from '../paint/piece.ts'
import type { Size } from '../panel.ts'
import type { Theme } from '../themes/theme.ts'
import { type Inline, openInline } from './inline.ts'
import { openKeys } from './keys.ts'
import { type Looks, looksOf } from './looks.ts'
import { openScreen } from './open-screen.ts'
import { openPanes } from './panes.ts'

/** The two ends of a terminal; tests hand in streams that behave like one. */
export interface Tty {
  readonly input: Readable & { setRawMode?(on: boolean): unknown; readonly isRaw?: boolean }
  readonly output: Duplex & { readonly columns?: number; readonly rows?: number }
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Options {
  readonly theme: Theme
  readonly mouse: boolean
  /** Rows in the terminal's own buffer, below the prompt, instead of a screen of its own. */
  readonly inlineRows: number | null
  readonly onInput: (input: Input) => void
  readonly onResize: (size: Size) => void
}

const MOUSE_ON = '\u001b[?1000h\u001b[?1006h'
const MOUSE_OFF = '\u001b[?1000l\u001b[?1006l'
const PASTE_ON = '\u001b[?2004h'
const PASTE_OFF = '\u001b[?2004l'

/** The terminal while the cockpit has it. Whatever happens, `close` gives it back as it was. */
export const openTerminal = (tty: Tty, options: Options) => {
  const inline: Inline | null = options.inlineRows === null ? null : openInline(tty.output, options.inlineRows)
  const screen = openScreen(tty, inline)
  const keys = openKeys(options.onInput)
  const decoder = new StringDecoder('utf8')
  const panes = openPanes(screen)
  let theme = options.theme
  let looks: Looks = looksOf(theme)
  let open = true
  // Rows of a part are not those of the terminal: the mouse stays with the terminal there.
  let mouse = options.mouse && inline === null
  const write = (text: string): void => void tty.output.write(text)
  const onData = (chunk: Buffer | string): void => keys.feed(typeof chunk === 'string' ? chunk : decoder.write(chunk))
  const size = (): Size => ({ columns: tty.output.columns ?? 80, rows: inline?.output.rows ?? tty.output.rows ?? 24 })
  const take = (): void => {
    tty.input.setRawMode?.(true)
    tty.input.on('data', onData)
    tty.input.resume()
    write(PASTE_ON + (mouse ? MOUSE_ON : ''))
  }
  const give = (): void => {
    tty.input.off('data', onData)
    write(PASTE_OFF + MOUSE_OFF)
    tty.input.setRawMode?.(false)
    tty.input.pause()
  }
  screen.on('resize', () => options.onResize(size()))
  take()
  return {
    screen,
    size,
    write,
    look(next: Theme): void {
      if (next === theme) return
      theme = next
      looks = looksOf(theme)
    },
    /** Paints all pieces into the buffer and sends what changed. */
    paint(pieces: readonly Piece[]): void {
      if (!open) return
      panes.show(pieces, looks)
      screen.render()
    },
    mouse(on: boolean): void {
      mouse = on && inline === null
      write(mouse ? MOUSE_ON : MOUSE_OFF)
    },
    /** Lends the terminal to another program; call what it returns to take it back. */
    lend(): () => void {
      screen.leave()
      give()
      return () => {
        take()
        screen.enter()
        options.onResize(size())
      }
    },
    close(): void {
      if (!open) return
      open = false
      keys.close()
      give()
      screen.destroy()
      inline?.close()
    },
  }
}
export type Terminal = ReturnType<typeof openTerminal>
