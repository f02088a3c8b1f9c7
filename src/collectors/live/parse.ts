import { parseObject } from '../agent-evidence/json.ts'

/** One registry file with the start time of the process that bears its pid now; null: no such process, or no /proc. */
export interface RegistryFile {
  readonly path: string
  readonly pid: number
  readonly startTicks: number | null
  readonly json: Readonly<Record<string, unknown>> | null
}

export interface LiveFiles {
  readonly registryDirs: readonly string[]
  readonly registry: readonly RegistryFile[]
  /** Folders and files that were missing, or held nothing yet: a CLI that starts for the first time makes them. */
  readonly absent: readonly string[]
  readonly threadDatabases: readonly string[]
  /** Where Codex says in which directory a thread runs. */
  readonly threadIndexes: readonly string[]
  readonly opencodeLog: string | null
  readonly opencodeLines: readonly string[]
}

/** Field 22 of `/proc/<pid>/stat`; the command name in brackets may hold blanks and brackets. */
export function startTicksOf(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[19])
  return stat.includes(')') && Number.isSafeInteger(ticks) && ticks >= 0 && fields[19] !== '' ? ticks : null
}

interface Draft {
  path: string
  pid: number
  startTicks: number | null
  json: Readonly<Record<string, unknown>> | null
}

/** Output of the live script. Lines that fit no record are ignored; a registry file that is no JSON object has `json: null`. */
export function parseLive(output: string): LiveFiles {
  const dirs: string[] = []
  const registry: Draft[] = []
  const absent: string[] = []
  const threadDatabases: string[] = []
  const threadIndexes: string[] = []
  const opencodeLines: string[] = []
  let opencodeLog: string | null = null
  for (const line of output.split('\n')) {
    const text = line.slice(2)
    const entry = registry.at(-1)
    if (line.startsWith('H ')) dirs.push(text)
    else if (line.startsWith('W ')) absent.push(text)
    else if (line.startsWith('F ')) {
      const [dir, pid] = text.split(' ').map(Number)
      const base = dirs[(dir ?? 0) - 1]
      if (base !== undefined && pid !== undefined && Number.isSafeInteger(pid))
        registry.push({ path: `${base}/${pid}.json`, pid, startTicks: null, json: null })
    } else if (line.startsWith('S ') && entry !== undefined) entry.startTicks = startTicksOf(text)
    else if (line.startsWith('J ') && entry !== undefined) entry.json = parseObject(text)
    else if (line.startsWith('T ')) threadDatabases.push(text)
    else if (line.startsWith('I ')) threadIndexes.push(text)
    else if (line.startsWith('O ')) opencodeLog = text
    else if (line.startsWith('L ')) opencodeLines.push(text)
  }
  return { registryDirs: dirs, registry, absent, threadDatabases, threadIndexes, opencodeLog, opencodeLines }
}
