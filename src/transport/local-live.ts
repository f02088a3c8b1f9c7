import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptAsk } from '../core/ask.ts'

const LIVE = '# vc:ask live.state\n'
const FORMAT = `printf 'F %s %s\\n' "$n" "$p"`
const NEEDLE = /-e '([^']+)'/g

const REGISTRY_BYTES = 65_536
const STAT_BYTES = 4_096
const LOG_BYTES = 131_072
const LOG_LINES = 300
const LINE_BYTES = 2_000

type Env = Readonly<Record<string, string | undefined>>

const isKind = (path: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> =>
  stat(path).then(
    (found) => found[kind](),
    () => false,
  )

const readUpTo = async (file: FileHandle, maxBytes: number, fromEnd: boolean): Promise<Buffer> => {
  const bytes = Buffer.alloc(maxBytes)
  const offset = fromEnd ? Math.max(0, (await file.stat()).size - maxBytes) : 0
  let filled = 0
  while (filled < maxBytes) {
    const { bytesRead } = await file.read(bytes, filled, maxBytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** The first or last bytes of a file; null when it cannot be read. */
const bytesOf = async (path: string, maxBytes: number, fromEnd = false): Promise<Buffer | null> => {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return null
  return readUpTo(file, maxBytes, fromEnd)
    .catch(() => null)
    .finally(() => file.close())
}

const oneLine = (bytes: Buffer | null): string => (bytes?.toString('utf8') ?? '').replace(/[\r\n]/g, '')

async function fileLines(path: string, number: number, pid: string): Promise<readonly string[]> {
  const isOwn = await lstat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isOwn) return []
  const process = await bytesOf(`/proc/${pid}/stat`, STAT_BYTES)
  const alive = process === null ? [] : [`S ${oneLine(process)}`]
  return [`F ${number} ${pid}`, ...alive, `J ${oneLine(await bytesOf(path, REGISTRY_BYTES))}`]
}

async function registryLines(homes: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = []
  let number = 0
  for (const home of homes) {
    const dir = `${home}/sessions`
    if (!(await isKind(dir, 'isDirectory'))) {
      lines.push(`W ${dir}`)
      continue
    }
    number += 1
    const names = (await readdir(dir).catch(() => [])).sort()
    const pids = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    const files = await Promise.all(pids.map((pid) => fileLines(join(dir, `${pid}.json`), number, pid)))
    lines.push(`H ${dir}`, ...files.flat())
  }
  return lines
}

async function threadLines(codex: string): Promise<readonly string[]> {
  const names = (await readdir(codex).catch(() => [])).sort()
  const files = async (mark: string, pattern: RegExp): Promise<readonly string[]> => {
    const found: string[] = []
    for (const name of names.filter((one) => pattern.test(one)))
      if (await isKind(`${codex}/${name}`, 'isFile')) found.push(`${mark} ${codex}/${name}`)
    return found
  }
  const histories = await files('T', /^thread_history_.*\.sqlite$/)
  return [...(histories.length > 0 ? histories : [`W ${codex}`]), ...(await files('I', /^state_.*\.sqlite$/))]
}

async function logLines(log: string, needles: readonly string[]): Promise<readonly string[]> {
  if (!(await isKind(log, 'isFile'))) return [`W ${log}`]
  const text = (await bytesOf(log, LOG_BYTES, true))?.toString('utf8') ?? ''
  const told = text.split('\n').filter((line) => needles.some((needle) => line.includes(needle)))
  return [`O ${log}`, ...told.slice(-LOG_LINES).map((line) => `L ${line.slice(0, LINE_BYTES)}`)]
}

/**
 * What the script of live state would print here, read in process: its five children for every registered session took
 * longer on a busy machine than the two seconds they are due in, and then no agent had a live state. Null: ask the script.
 */
export const liveHere = async ({ script, args = [] }: ScriptAsk, env: Env = process.env): Promise<string | null> => {
  if (process.platform !== 'linux' || !script.startsWith(LIVE) || !script.includes(FORMAT)) return null
  const home = env.HOME
  if (!home?.startsWith('/')) return null
  const second = env.CLAUDE_CONFIG_DIR
  const homes = [`${home}/.claude`, ...(second && second !== `${home}/.claude` ? [second] : []), ...args]
  const needles = [...script.matchAll(NEEDLE)].map(([, needle = '']) => needle)
  const log = `${env.XDG_DATA_HOME || `${home}/.local/share`}/opencode/log/opencode.log`
  const parts = [registryLines(homes), threadLines(env.CODEX_HOME || `${home}/.codex`), logLines(log, needles)]
  return `${(await Promise.all(parts)).flat().join('\n')}\n`
}
