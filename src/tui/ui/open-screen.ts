import { PassThrough } from 'node:stream'
import blessed, { type Widgets } from 'blessed'
import type { Inline, Program } from './inline.ts'
import type { Tty } from './terminal.ts'

/** What blessed's screen can, but its types do not say. */
export type Screen = Widgets.Screen & { enter(): void; leave(): void }

/** Entries that blessed cannot read map to one it brings along; 256 colours work in tmux and screen with it. */
export const terminalFor = (term: string | undefined): string => {
  if (term === undefined || term === '') return 'xterm'
  return /-(256color|direct|kitty)$|^(alacritty|foot|kitty|ghostty|wezterm|tmux|screen)/.test(term)
    ? 'xterm-256color'
    : term
}

/** Whether letters beyond ASCII can be shown, as the environment says. */
const isUtf8 = (env: Tty['env']): boolean => /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')

/** Letters of ASCII for signs that mean something; any other becomes `?`, which says of a machine that nobody knows. */
const PLAIN: Readonly<Record<string, string>> = {
  '●': '*', '○': 'o', '◐': '%', '◓': '%', '◑': '%', '◒': '%', '▲': '!', '✗': 'x', '✓': '+', '◆': '#',
  '…': '~', '—': '-', '–': '-', '·': '.', '→': '>', '←': '<', '↑': '^', '↓': 'v', '↔': '=', '×': 'x', '’': "'",
  '▁': '_', '▂': '.', '▃': '-', '▄': '=', '▅': '+', '▆': '*', '▇': '%', '▏': '.', '▎': ':', '▍': '-', '▋': '=', '▊': '+',
  '▉': '%', '“': '"', '”': '"', '┃': '#', '█': '#', '▌': '|', '░': '.', '▒': ':', '▓': '#', '❯': '>', '•': '*',
} // biome-ignore format: a table

// blessed asks for keys, but our own decoder reads them: it gets an input that says nothing.
const silentInput = () => Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode: () => undefined })

/** blessed's screen on this terminal, or in some rows of it, with the traps of terminals disarmed. */
export const openScreen = ({ output, env }: Tty, inline: Inline | null): Screen => {
  const unicode = isUtf8(env)
  // In tmux it would draw lines through the alternate character set, which captures show as letters.
  if (unicode) process.env.NCURSES_NO_UTF8_ACS = '1'
  const program = blessed.program({
    input: silentInput(),
    output: inline?.output ?? output,
    terminal: terminalFor(env.TERM),
    ...{ forceUnicode: unicode, buffer: true },
  }) as Program
  inline?.tame(program)
  const { tput } = program as Program & {
    readonly tput: { readonly utoa: object; readonly numbers: { U8?: number } }
  }
  // The entry `linux` says that it draws lines in UTF-8, which blessed takes for the word of the locale.
  if (!unicode) tput.numbers.U8 = 0
  const screen = blessed.screen({
    program,
    fullUnicode: true,
    forceUnicode: unicode,
    autoPadding: false,
    useBCE: false,
    warnings: false,
  })
  // The theme has only colours this terminal and this person want. Squeezed again into the eight that terminfo grants
  // `xterm` and `linux`, the grey of labels and borders became black on black.
  Object.assign(tput, { colors: 256, utoa: { ...tput.utoa, ...PLAIN } })
  return screen as Screen
}
