import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { usageError, VcError } from '../core/errors.ts'
import { hasEnded } from '../core/process-end.ts'
import { refusalOf } from '../core/refusal.ts'
import { shellWord } from '../core/shell-word.ts'
import { leaveRoom, writeInRoom } from './lock-room.ts'

/** Who holds the data directory. `start` tells a reused pid from the real holder; null where it cannot be read. */
export interface LockHolder {
  readonly pid: number
  readonly start: string | null
  readonly at: string
}

export interface StoreLock {
  readonly path: string
  readonly holder: LockHolder
  release(): Promise<void>
}

export const LOCK_FILE = 'vc.lock'

/** Boot id plus start ticks on Linux: unique over reuse of pids and over reboots. Null on systems without /proc. */
export const processStart = async (pid: number): Promise<string | null> => {
  try {
    const files = [`/proc/${pid}/stat`, '/proc/sys/kernel/random/boot_id']
    const [stat = '', boot = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    // The command name may hold blanks and brackets; fields are counted after its last ')'.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return ticks === undefined ? null : `${boot.trim()}:${ticks}`
  } catch {
    return null
  }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A holder is gone when no such pid lives, when it ended and only its parent did not notice, or when that pid is now another process. */
const gone = async (holder: LockHolder): Promise<boolean> => {
  if (!alive(holder.pid) || hasEnded(await readFile(`/proc/${holder.pid}/stat`, 'utf8').catch(() => ''))) return true
  const now = await processStart(holder.pid)
  return holder.start !== null && now !== null && now !== holder.start
}

/**
 * A power cut may leave the file without its text. In the boot that wrote it every reader sees it whole, so one without a
 * name from before this boot belongs to nobody who lives.
 */
const leftByPowerCut = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => null)
  return found !== null && found.mtimeMs < Date.now() - uptime() * 1000 - BOOT_SLACK_MS
}

/** Between the two clocks that are compared. */
const BOOT_SLACK_MS = 60_000

/** The present holder, `null` when the lock file is absent, `'unreadable'` when its text is no holder. */
export const readLock = async (dataDir: string): Promise<LockHolder | 'unreadable' | null> => {
  const text = await textOf(join(dataDir, LOCK_FILE))
  return text === null ? null : parseHolder(text)
}

const parseHolder = (text: string): LockHolder | 'unreadable' => {
  try {
    const value = JSON.parse(text) as Partial<LockHolder>
    if (!Number.isSafeInteger(value.pid) || (value.pid as number) <= 0) return 'unreadable'
    const start = typeof value.start === 'string' ? value.start : null
    return { pid: value.pid as number, start, at: String(value.at ?? '') }
  } catch {
    return 'unreadable'
  }
}

/** True when nobody alive holds the data directory. */
export const lockIsFree = async (dataDir: string): Promise<boolean> => {
  const holder = await readLock(dataDir)
  if (holder === 'unreadable') return leftByPowerCut(join(dataDir, LOCK_FILE))
  return holder === null || (await gone(holder))
}

/** True when the lock now names somebody else: the folder was put away, or the lock removed, and another vc began there. */
export const lockIsLost = async ({ path, holder }: StoreLock): Promise<boolean> => {
  const text = await textOf(path).catch(() => null)
  const now = text === null ? null : parseHolder(text)
  return now !== null && now !== 'unreadable' && (now.pid !== holder.pid || now.start !== holder.start)
}

/** How long somebody who wants to stay waits for somebody who only looks. */
export interface LockWait {
  readonly patienceMs: number
  /** Told once, with the pid that is waited for. */
  readonly onWait?: (pid: number) => void
}

const STEP_MS = 50

/** Takes the data directory for this process; throws `store_locked` naming the pid that still has it when patience ends. */
export const acquireLock = async (dataDir: string, wait: LockWait = { patienceMs: 0 }): Promise<StoreLock> => {
  const until = performance.now() + wait.patienceMs
  for (let told = false; ; await pause(STEP_MS)) {
    try {
      return await takeLock(dataDir)
    } catch (error) {
      // Rights, a full disk, one that is read-only: nobody is there to be waited for.
      if (!(error instanceof VcError) || error.code !== 'store_locked' || performance.now() >= until) throw error
      const holder = await readLock(dataDir)
      // A lock that names nobody does not go away by waiting.
      if (holder === 'unreadable') throw error
      if (holder !== null && !told) wait.onWait?.(holder.pid)
      told ||= holder !== null
    }
  }
}

/**
 * Takes the data directory at once, or throws `store_locked`.
 * The file appears complete (write aside, then hard link), so nobody ever reads half a holder.
 */
const takeLock = async (dataDir: string): Promise<StoreLock> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, LOCK_FILE)
  const holder = { pid: process.pid, start: await processStart(process.pid), at: new Date().toISOString() }
  const text = `${JSON.stringify({ ...holder, id: randomUUID() })}\n`
  for (let attempt = 0; attempt < 10; attempt++) {
    if (attempt > 0) await pause(STEP_MS / 5)
    if ((await claim(path, text)) || (await takeOver(dataDir, path, text)))
      return { path, holder, release: () => release(path, text) }
  }
  throw lockedError(dataDir, await readLock(dataDir))
}

/** How file systems without second names say so: exFAT, some of those over a network. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** A file of its own, or none: one without its text would name nobody, and nobody could take it over. */
const writeNew = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
}

/** The same under a name nobody else has; on a full disk with the room that was kept. */
const writeAside = (path: string, text: string): Promise<void> =>
  writeNew(path, text).catch((error: unknown) => {
    if (refusalOf(error, path)?.code !== 'disk_full') throw error
    return writeInRoom(path, text).catch(() => {
      throw error
    })
  })

const claim = async (path: string, text: string): Promise<boolean> => {
  const aside = `${path}.${randomUUID()}`
  try {
    await writeAside(aside, text)
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (!NO_LINKS.has(error.code ?? '')) throw error
      // Less than whole at once: a reader may meet the file before its text.
      return writeNew(path, text)
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      // Nobody else has it under another name: its room is for the next try.
      await leaveRoom(aside).catch(() => undefined)
      return false
    }
    throw refusalOf(error, path) ?? error
  } finally {
    await unlink(aside).catch(() => undefined)
  }
}

const textOf = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    if (code === 'EISDIR')
      throw usageError('unusable_lock', `${path} is a folder, no lock`, `move it away: mv ${path} ${path}.old`)
    throw refusalOf(error, path) ?? error
  }
}

/**
 * Takes the lock from a dead holder. Of all who see this very text, only the one whose marker stands may replace it, and
 * it looks again first; the file is replaced in one step, so nobody finds it absent and claims it meanwhile.
 */
const takeOver = async (dataDir: string, path: string, text: string): Promise<boolean> => {
  const stale = await textOf(path)
  if (stale === null) return false
  const holder = parseHolder(stale)
  const free = holder === 'unreadable' ? await leftByPowerCut(path) : await gone(holder)
  if (!free) throw lockedError(dataDir, holder)
  const marker = `${path}.taken.${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`
  if (!(await claim(marker, text))) {
    const taker = parseHolder((await textOf(marker)) ?? '')
    if (taker !== 'unreadable' && (await gone(taker))) await unlink(marker).catch(() => undefined)
    return false
  }
  let isTaken = false
  try {
    if ((await textOf(path)) !== stale) return false
    // It says what the lock shall say; and a full disk has room for one file, not for two.
    await rename(marker, path)
    isTaken = true
    return true
  } finally {
    // By now that name may be another's.
    if (!isTaken) await unlink(marker)
  }
}

const release = async (path: string, text: string): Promise<void> => {
  const now = await textOf(path).catch(() => null)
  if (now === text) await leaveRoom(path).catch(() => unlink(path).catch(() => undefined))
}

/** Why the data directory cannot be had; `unreadable`: nobody can be asked to let go of it. */
export const lockedError = (dataDir: string, holder: LockHolder | 'unreadable' | null): VcError => {
  if (holder === null || holder === 'unreadable') {
    const path = join(dataDir, LOCK_FILE)
    return new VcError(
      'store_locked',
      `${path} names no process (a disk that failed can leave it empty), so nobody can tell whose it is`,
      `see that no vc runs (pgrep -af vc), then: rm ${shellWord(path)}`,
    )
  }
  return new VcError(
    'store_locked',
    `process ${holder.pid} has owned ${dataDir} since ${holder.at}`,
    `wait for it (one that starts or looks is done soon), or end it: vc daemon stop (as a last resort: kill ${holder.pid})`,
  )
}
