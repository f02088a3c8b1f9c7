import { integerOf, pathOf, textOf } from './decode.ts'
import type { AgentReading } from './reading.ts'

const MAX_ROWS = 400

/** The `agent` section (both systems): candidate rows and the working directories of those that could be read. */
export const readAgents = (lines: readonly string[] | undefined): readonly AgentReading[] | null => {
  if (lines === undefined) return null
  const rows = lines.map((line) => line.split('\t'))
  const cwds = new Map(rows.filter(([tag]) => tag === 'cwd').map(([, pid, path]) => [integerOf(pid), pathOf(path)]))
  const agents = rows
    .filter(([tag]) => tag === 'agent')
    .slice(0, MAX_ROWS)
    .flatMap((row) => fromRow(row, cwds))
  return [...new Map(agents.map((agent) => [agent.pid, agent])).values()]
}

const fromRow = (row: readonly string[], cwds: ReadonlyMap<number | null, string | null>): readonly AgentReading[] => {
  const [, pidField, how, argv0, script, flags, subcommand] = row
  const pid = integerOf(pidField)
  if (pid === null || (how !== 'exe' && how !== 'script')) return []
  const kind = agentKind((how === 'exe' ? pathOf(argv0) : pathOf(script)) ?? '')
  if (kind === null) return []
  const cwd = cwds.get(pid) ?? null
  return [
    {
      pid,
      kind,
      how,
      argv0: textOf(argv0),
      script: textOf(script),
      flags: textOf(flags),
      subcommand: textOf(subcommand, 32),
      cwd,
    },
  ]
}

// The same package folders the probe looks for.
const PACKAGES = [
  ['/claude-code/', 'claude'],
  ['/codex/', 'codex'],
  ['/gemini-cli/', 'gemini'],
  ['/opencode-ai/', 'opencode'],
  ['/qwen-code/', 'qwen'],
] as const

const DECORATION = /(-cli|-code)?(\.(js|mjs|cjs|py|exe))?$/

/** Which agent a program or script path is: the package folder names it best, else its own name. */
const agentKind = (path: string): string | null => {
  const name = (path.split('/').at(-1) ?? '').split(' ')[0] ?? ''
  if (/\.(js|mjs|cjs)$/.test(name)) {
    for (const [folder, kind] of PACKAGES) if (path.includes(folder)) return kind
  }
  const bare = name.replace(DECORATION, '')
  return /^[a-z][a-z0-9-]{0,30}$/.test(bare) ? bare : null
}
