import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isLocal, type LoadedConfig } from '../config/index.ts'
import type { Executor } from '../core/executor.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import { freeBytesAt, listBackups } from '../store/index.ts'
import type { FolderFact, HereFacts } from './doctor-here.ts'

const PROGRAMS = ['ssh', 'tmux', 'git', 'sqlite3'] as const

// Asked in a child, as everything vc runs is: its limits and its PATH are what counts.
const SCRIPT = `# vc:ask doctor.here
printf 'files\\t%s\\n' "$(ulimit -n)"
printf 'path\\t%s\\n' "$PATH"
for name in ${PROGRAMS.join(' ')}; do command -v "$name" >/dev/null 2>&1 || printf 'missing\\t%s\\n' "$name"; done
`

interface ShellFacts {
  readonly openFiles: number | null
  readonly path: string
  readonly missing: readonly string[]
}

/** Lines of the script to facts; `unlimited` files is a number too. Pure. */
export const parseHere = (stdout: string): ShellFacts => {
  const lines = stdout.split('\n').map((line) => line.split('\t'))
  const value = (kind: string): string | undefined => lines.find(([name]) => name === kind)?.[1]
  const files = value('files')
  const known: readonly string[] = PROGRAMS
  return {
    openFiles: files === 'unlimited' ? Number.MAX_SAFE_INTEGER : /^\d+$/.test(files ?? '') ? Number(files) : null,
    path: displayText(value('path') ?? '', 500),
    missing: lines.flatMap(([kind, name = '']) => (kind === 'missing' && known.includes(name) ? [name] : [])),
  }
}

const folder = async (what: string, path: string, uid: number): Promise<FolderFact> => {
  const found = await stat(path).catch(() => null)
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
  return { path, what, mode: found?.mode ?? null, mine: found?.uid === uid, writable }
}

// The folder may not be there yet; its disk is.
const freeUnder = async (dir: string): Promise<number | null> => {
  for (let place = dir; ; place = dirname(place)) {
    const free = await freeBytesAt(place).catch(() => null)
    if (free !== null || place === dirname(place)) return free
  }
}

const shellFacts = async (here: Executor): Promise<ShellFacts> => {
  const ran = await here.run({ script: SCRIPT, deadlineMs: 5_000, maxStdout: 65_536, maxStderr: 4_096 })
  return parseHere(decodeUtf8(ran.stdout))
}

/** Looks at the machine vc runs on; reads only. */
export const lookHere = async (loaded: LoadedConfig, here: Executor, now: Date): Promise<HereFacts> => {
  const { config, paths, source } = loaded
  const uid = process.getuid?.() ?? 0
  const ageS = (at: Date | undefined): number | null =>
    at === undefined ? null : Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000))
  const [shell, folders, freeBytes, backups, store, file] = await Promise.all([
    shellFacts(here),
    Promise.all([folder('data folder', paths.dataDir, uid), folder('run folder', paths.runDir, uid)]),
    freeUnder(paths.dataDir),
    listBackups(paths.dataDir),
    stat(paths.dbFile).catch(() => null),
    source.is === 'file' ? stat(source.path).catch(() => null) : null,
  ])
  const newest = backups[0]
  return {
    ...shell,
    config: source.is === 'file' ? { path: source.path, mode: file?.mode ?? null } : null,
    folders,
    dataDir: paths.dataDir,
    freeBytes,
    minFreeBytes: config.store.min_free_bytes,
    sshMachines: config.machines.filter((machine) => machine.enabled && !isLocal(machine)).length,
    maxConnections: config.polling.max_connections,
    backup: newest ? { path: newest.path, ageS: ageS(newest.madeAt) ?? 0 } : null,
    storeAgeS: ageS(store?.birthtime),
  }
}
