import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../src/core/shell-word.ts'
import type { Lab } from './lab.ts'
import type { Terminal } from './terminal.ts'
import { until } from './wait.ts'

/** One command as a person typed it at a terminal, and what stood there when it was over. */
export interface Said {
  readonly command: string
  /** What vc asked before it did anything; null: it asked nothing. */
  readonly question: string | null
  readonly screen: string
  readonly exitCode: number
}

const VC = join(import.meta.dirname, '..', '..', 'bin', 'vc.js')

// the function prints the end mark, so that the typed line does not hold it
const rcFile = (): string =>
  [
    "PS1='person$ '",
    'v() {',
    '  mark=$1; shift',
    "  printf '\\033[H\\033[2J\\033[3J'",
    `  ${shellWord(process.execPath)} ${shellWord(VC)} "$@"`,
    '  printf \'end-%s-rc=%s\\n\' "$mark" "$?"',
    '}',
    '',
  ].join('\n')

/** Somebody with a shell in a terminal of the scratch tmux server, who types commands of vc and answers its questions. */
export async function openPerson(lab: Lab) {
  const rc = join(lab.root, 'person.rc')
  writeFileSync(rc, rcFile(), { mode: 0o600 })
  const terminal: Terminal = await lab.shell(rc)
  await terminal.sees(/person\$ $/m)
  let count = 0

  /** Types a command, answers its question with this key, and waits for its end. */
  const type = async (words: readonly string[], answer: 'y' | 'n' = 'y', timeoutMs = 180_000): Promise<Said> => {
    const mark = ++count
    const command = words.map(shellWord).join(' ')
    await terminal.say(`v ${mark} ${command}`)
    const end = new RegExp(`end-${mark}-rc=(\\d+)`)
    const asked = /^│\s+[●○] Yes/m
    const look = async (): Promise<string | null> => {
      const now = await terminal.screen()
      return end.test(now) || asked.test(now) ? now : null
    }
    const options = { timeoutMs, words: () => terminal.screen() }
    const first = await until(`a question or the end of: vc ${command}`, look, options)
    const question = asked.test(first) && !end.test(first) ? first : null
    if (question !== null) await terminal.key(answer)
    const last = async (): Promise<string | null> => {
      const now = await terminal.screen()
      return end.test(now) ? now : null
    }
    const screen = await until(`the end of: vc ${command}`, last, options)
    return { command, question, screen: screen.trimEnd(), exitCode: Number(end.exec(screen)?.[1]) }
  }

  return { type, close: () => terminal.close() }
}

export type Person = Awaited<ReturnType<typeof openPerson>>
