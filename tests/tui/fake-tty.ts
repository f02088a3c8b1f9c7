import { PassThrough } from 'node:stream'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import xterm from '@xterm/headless'
import type { Size } from '../../src/tui/panel.ts'
import type { Tty } from '../../src/tui/ui/terminal.ts'

/** A terminal in memory: what is written is drawn by an emulator, keys are pressed by writing them. */
export const openFakeTty = ({ columns, rows }: Size, env: Readonly<Record<string, string>> = {}) => {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 })
  emulator.loadAddon(new Unicode11Addon())
  emulator.unicode.activeVersion = '11'
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(on: boolean) {
      raw.push(on)
      return input
    },
  })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows })
  let bytes = 0
  let written = ''
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    written += chunk.toString('utf8')
    emulator.write(chunk)
  })
  const tty: Tty = { input, output, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env } }
  /** Resolves when the emulator has drawn all that was written so far. */
  const drawn = (): Promise<void> => new Promise((resolve) => setImmediate(() => emulator.write('', () => resolve())))
  const lines = (): string[] =>
    Array.from({ length: emulator.rows }, (_, y) =>
      (emulator.buffer.active.getLine(emulator.buffer.active.viewportY + y)?.translateToString(false) ?? '').trimEnd(),
    )
  return {
    tty,
    emulator,
    drawn,
    lines,
    text: (): string => lines().join('\n').trimEnd(),
    press: (keys: string): void => void input.write(keys),
    bytes: (): number => bytes,
    /** All that was written since the last call, escape sequences included. */
    taken(): string {
      const text = written
      written = ''
      return text
    },
    raw: (): boolean => raw.at(-1) ?? false,
    resize(size: Size): void {
      emulator.resize(size.columns, size.rows)
      Object.assign(output, size)
      output.emit('resize')
    },
    /** Waits until the screen shows it; fails with the screen. */
    async until(pattern: RegExp, withinMs = 10_000): Promise<void> {
      const end = performance.now() + withinMs
      for (;;) {
        await drawn()
        if (pattern.test(lines().join('\n'))) return
        if (performance.now() > end) throw new Error(`never showed ${pattern}:\n${lines().join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
  }
}
export type FakeTty = ReturnType<typeof openFakeTty>
