import type { Terminal } from '@xterm/headless'

/** A paused source waits; past 50 MB the emulator would throw data away. */
const PAUSE_BYTES = 256 * 1024
const RESUME_BYTES = 64 * 1024
const HISTORY_LINES = 500

/** Where the bytes come from, as far as it can be slowed. */
export interface ByteSource {
  pause(): void
  resume(): void
}

export interface EmulatedTerminal {
  readonly terminal: Terminal
  feed(bytes: Uint8Array): void
  /** Resolves when everything fed so far is on the screen. */
  settled(): Promise<void>
  dispose(): void
}

/** A terminal without a screen (@xterm/headless with Unicode 11 widths), fed no faster than it parses. */
export const openEmulatedTerminal = async (
  size: { readonly cols: number; readonly rows: number },
  source: ByteSource,
): Promise<EmulatedTerminal> => {
  const [xterm, unicode] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')])
  const terminal = new xterm.default.Terminal({ ...size, scrollback: HISTORY_LINES, allowProposedApi: true })
  terminal.loadAddon(new unicode.default.Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  let [waiting, paused] = [0, false]
  const parsed = (bytes: number): void => {
    waiting -= bytes
    if (!paused || waiting >= RESUME_BYTES) return
    paused = false
    source.resume()
  }
  return {
    terminal,
    feed(bytes) {
      waiting += bytes.length
      terminal.write(bytes, () => parsed(bytes.length))
      if (paused || waiting <= PAUSE_BYTES) return
      paused = true
      source.pause()
    },
    settled: () => new Promise((done) => terminal.write('', done)),
    dispose: () => terminal.dispose(),
  }
}
