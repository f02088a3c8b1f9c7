// A program in a real pseudo-terminal, as a person starts it.
import pty from 'node-pty'

/** Starts it and tells when its output first shows `mark`. */
export const startInPty = (argv: readonly string[], env: NodeJS.ProcessEnv, mark: RegExp) => {
  const from = performance.now()
  const [file = '', ...args] = argv
  const child = pty.spawn(file, args, {
    name: 'xterm-256color',
    cwd: process.cwd(),
    encoding: null,
    cols: 200,
    rows: 50,
    env: { ...env, TERM: 'xterm-256color' } as Record<string, string>,
  })
  let text = ''
  let bytes = 0
  const ended = new Promise<void>((resolve) => child.onExit(() => resolve()))
  const shown = new Promise<number>((resolve, reject) => {
    child.onData((chunk) => {
      bytes += Buffer.byteLength(chunk)
      if (text.length < 100_000) text += chunk
      if (mark.test(text)) resolve(performance.now() - from)
    })
    void ended.then(() => reject(new Error(`it ended before it showed ${mark}: ${text.slice(-500)}`)))
  })
  return {
    pid: child.pid,
    shown,
    bytes: (): number => bytes,
    async end(): Promise<void> {
      child.write('q')
      await ended
    },
  }
}
