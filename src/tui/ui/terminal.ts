import { type Duplex, PassThrough, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import blessed, { type Widgets } from 'blessed'
import type { Input } from '../input.ts'
import type { Piece } from '../paint/piece.ts'
import type { Size } from '../panel.ts'
import type { Theme } from '../themes/theme.ts'
import { openKeys } from './keys.ts'
import { type Looks, looksOf } from './looks.ts'
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

/** Entries that blessed cannot read map to one it brings along; 256 colours work in tmux and screen with it. */
export const terminalFor = (term: string | undefined): string => {
  if (term === undefined || term === '') return 'xterm'
  return /-(256color|direct|kitty)$|^(alacritty|foot|kitty|ghostty|wezterm|tmux|screen)/.test(term)
    ? 'xterm-256color'
    : term
}

const MOUSE_ON = '\u001b[?1000h\u001b[?1006h'
const MOUSE_OFF = '\u001b[?1000l\u001b[?1006l'
const PASTE_ON = '\u001b[?2004h'
const PASTE_OFF = '\u001b[?2004l'

const isUtf8 = (env: Tty['env']): boolean =>
  /utf-?8/i.test(`${env.LC_ALL ?? ''}:${env.LC_CTYPE ?? ''}:${env.LANG ?? ''}`)

// blessed asks for what it does not need: our own decoder reads the keys, so it gets an input that says nothing.
const silentInput = () => Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode: () => undefined })

/** What blessed's screen can, but its types do not say. */
type Screen = Widgets.Screen & { enter(): void; leave(): void }

const openScreen = ({ output, env }: Tty): Screen => {
  // In tmux it would draw lines through the alternate character set, which captures show as letters.
  if (isUtf8(env)) process.env.NCURSES_NO_UTF8_ACS = '1'
  return blessed.screen({
    input: silentInput(),
    output,
    terminal: terminalFor(env.TERM),
    fullUnicode: true,
    forceUnicode: isUtf8(env),
    autoPadding: false,
    useBCE: false,
    warnings: false,
  }) as Screen
}

/** The terminal while the cockpit has it. Whatever happens, `close` gives it back as it was. */
export const openTerminal = (tty: Tty, options: Options) => {
  const screen = openScreen(tty)
  const keys = openKeys(options.onInput)
  const decoder = new StringDecoder('utf8')
  const panes = openPanes(screen)
  let looks: Looks = looksOf(options.theme)
  let open = true
  let mouse = options.mouse
  const write = (text: string): void => void tty.output.write(text)
  const onData = (chunk: Buffer | string): void => keys.feed(typeof chunk === 'string' ? chunk : decoder.write(chunk))
  const size = (): Size => ({ columns: tty.output.columns ?? 80, rows: tty.output.rows ?? 24 })
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
    look(theme: Theme): void {
      looks = looksOf(theme)
    },
    /** Paints all pieces into the buffer and sends what changed. */
    paint(pieces: readonly Piece[]): void {
      if (!open) return
      panes.show(pieces, looks)
      screen.render()
    },
    mouse(on: boolean): void {
      mouse = on
      write(on ? MOUSE_ON : MOUSE_OFF)
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
    },
  }
}
export type Terminal = ReturnType<typeof openTerminal>
