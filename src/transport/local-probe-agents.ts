import { readlinkSync } from 'node:fs'
import { encoded } from './local-files.ts'

const PACKAGE = /\/(claude-code|codex|gemini-cli|opencode-ai|qwen-code)\/.*[.](js|mjs|cjs)$/s
const INTERPRETER = /^(node|nodejs|bun|deno|python[0-9.]*|pypy3?|uv|npx|npm|sh|bash|zsh)$/
const SUBCOMMAND = /^(app-server|mcp-server|mcp|serve|acp|daemon|update|upgrade)$/
const MOST = 400
const MOST_FOLDERS = 120

const SHELL = /sh$/
const PROGRAM_TEXT = /^(-[cep]|-pe|--eval|--print|--call)$/
const TAKES_VALUE = /^(-[rCWX]|--require|--import|--loader|--env-file)$/
const RUNS_NEXT = /^(uv|npx|npm|bun|deno) (exec|x|tool)$|^(uv|bun|deno) run$/

/** What an interpreter runs: its first word that is no option. Later words are that script's own, whatever they name. */
const scriptOf = (own: string, words: readonly string[]): string => {
  const shell = SHELL.test(own)
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (shell ? /^-[a-z]*c/.test(word) : PROGRAM_TEXT.test(word)) return ''
    if (!shell && TAKES_VALUE.test(word)) i++
    else if (!word.startsWith('-') && !RUNS_NEXT.test(`${own} ${word}`)) return word
  }
  return ''
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export interface AgentWords {
  mayBe(arg: string): boolean
  /** `exe` or `script` with its path; null for no agent. */
  kindOf(args: readonly string[]): { readonly how: 'exe' | 'script'; readonly script: string } | null
}

/** Who counts as an agent, by the names of the ask (an alternation of plain names). */
export const agentWords = (names: string): AgentWords => {
  const name = new RegExp(`^(${names})(-cli|-code)?([.](js|mjs|cjs|py|exe))?$`)
  const named = new RegExp(`(^|/)(${names})(-cli|-code)?([.](js|mjs|cjs|py|exe))?$`)
  return {
    mayBe: (arg) => named.test(arg) || PACKAGE.test(arg),
    kindOf([program = '', ...rest]) {
      const own = baseOf(program).replace(/ .*/s, '')
      if (name.test(own)) return { how: 'exe', script: '-' }
      if (!INTERPRETER.test(own)) return null
      const script = scriptOf(own, rest)
      return name.test(baseOf(script)) || PACKAGE.test(script) ? { how: 'script', script } : null
    },
  }
}

// Names of flags travel, their values do not; of other words only whole ones of the list.
const rowOf = (words: AgentWords, pid: string, args: readonly string[]): readonly string[] => {
  const kind = words.kindOf(args)
  if (kind === null) return []
  const rest = args.slice(1)
  const flags = rest.filter((arg) => /^--?[a-z][a-z-]*(=|$)/.test(arg)).map((arg) => arg.replace(/=.*/s, ''))
  const subcommand = rest.find((arg) => SUBCOMMAND.test(arg)) ?? '-'
  const cells = [
    'agent',
    pid,
    kind.how,
    encoded(args[0] ?? ''),
    encoded(kind.script),
    flags.join(',') || '-',
    subcommand,
  ]
  return [cells.join('\t')]
}

// Never touches the folder itself: a dead mount cannot hang it.
const folderOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`, 'buffer').toString('latin1')
  } catch {
    return ''
  }
}

/** The `agent` section: first arguments are read, prompts and values stay where they are. */
export const agentSection = (
  words: AgentWords,
  candidates: ReadonlyMap<string, readonly string[]>,
): readonly string[] => {
  const agents = [...candidates].slice(0, MOST).flatMap(([pid, args]) => {
    const [row] = rowOf(words, pid, args)
    return row === undefined ? [] : [{ pid, row }]
  })
  const folders = agents.slice(0, MOST_FOLDERS).map(({ pid }) => `cwd\t${pid}\t${encoded(folderOf(pid))}`)
  return [...agents.map(({ row }) => row), ...folders]
}
