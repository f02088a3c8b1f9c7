import type { IBuffer, Terminal } from '@xterm/headless'

/** The size every terminal of an agent has from its start to its end. */
const SIZE = { cols: 120, rows: 30 } as const

// Cursor moves other than a carriage return, erasing, scrolling, the second screen: words of such a log stand where they were put.
const DRAWS = /\u001b\[\d*(?:;\d*)*[ABCDEFGHdfJLMST]|\u001b\[\?(?:47|1047|1049)[hl]/

/** Whether terminal output was drawn at places, as agent CLIs do, and is not lines one after another. */
export const isDrawn = (text: string): boolean => DRAWS.test(text)

const linesOf = (buffer: IBuffer): readonly string[] => {
  const lines: string[] = []
  for (let y = 0; y < buffer.length; y += 1) {
    const line = buffer.getLine(y)
    if (line === undefined) continue
    const text = line.translateToString(true)
    if (line.isWrapped && lines.length > 0) lines.push(`${lines.pop() ?? ''}${text}`)
    else lines.push(text)
  }
  while (lines.at(-1)?.trim() === '') lines.pop()
  return lines.map((line) => line.trimEnd())
}

// A program enters and leaves the second screen; what it showed there is gone for the terminal with the next of these.
const SCREENS = /(?=\u001b\[\?(?:47|1047|1049)[hl])/

const write = (terminal: Terminal, text: string): Promise<void> => new Promise((done) => terminal.write(text, done))

/** What a person would have seen, line by line: the last look of each full screen, then what the terminal holds at the end. */
export const drawnLines = async (text: string, most: number): Promise<readonly string[]> => {
  const [xterm, unicode] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')])
  const terminal = new xterm.default.Terminal({ ...SIZE, scrollback: most, allowProposedApi: true })
  terminal.loadAddon(new unicode.default.Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  const seen: string[] = []
  try {
    for (const piece of text.split(SCREENS)) {
      if (terminal.buffer.active.type === 'alternate') seen.push(...linesOf(terminal.buffer.alternate))
      await write(terminal, piece)
    }
    seen.push(...linesOf(terminal.buffer.normal))
    if (terminal.buffer.active.type === 'alternate') seen.push(...linesOf(terminal.buffer.alternate))
    return seen.slice(-most)
  } finally {
    terminal.dispose()
  }
}
