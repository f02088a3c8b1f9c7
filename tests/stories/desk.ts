import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { shellQuoted } from '../../src/core/shell-word.ts'
import { scratchTmux } from '../engine/hosts/scratch-tmux.ts'
import { until } from './vc-process.ts'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

/** A machine that is busy with other tests takes its time; nothing rests on how much. */
export const PATIENCE_MS = 240_000

/** A terminal with a person before it: what they type there may act. Its server is a child of nobody's agent. */
export const openDesk = (env: Readonly<Record<string, string>>) => {
  const tmux = scratchTmux()
  let typed = 0
  return {
    /** Types one command that acts, and says yes to it. Resolves with the exit code and all that it wrote. */
    async vc(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
      typed += 1
      const seat = `s${typed}`
      const line = [process.execPath, BIN, ...words].map(shellQuoted).join(' ')
      const set = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
      const size = ['-x', '250', '-y', '60']
      const run = `${line}; echo "left $?"; exec cat`
      tmux.tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-s', seat, ...set, run)
      let text = ''
      await until(
        () => {
          text = tmux.tmux('capture-pane', '-p', '-S', '-200', '-t', `=${seat}:`).stdout
          return /^left \d+$/m.test(text)
        },
        () => `vc ${words.join(' ')} to end: ${text}`,
        PATIENCE_MS,
      )
      const [, code] = /^left (\d+)$/m.exec(text) ?? []
      return { code: Number(code), text: text.replace(/^left \d+[\s\S]*$/m, '').trimEnd() }
    },
    leave() {
      tmux.down()
      rmSync(tmux.dir, { recursive: true, force: true })
    },
  }
}
