import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { VcError } from '../core/errors.ts'
import { hasEnded } from '../core/process-end.ts'
import { refusalOf } from '../core/refusal.ts'
import { asUsual } from './own-umask.ts'

const openLog = (path: string): number => {
  try {
    return openSync(path, 'a', 0o600)
  } catch (error) {
    throw refusalOf(error, path) ?? error
  }
}

const newestOf = (path: string, size: number, mostBytes: number): Buffer => {
  const newest = Buffer.alloc(mostBytes)
  const file = openSync(path, 'r')
  try {
    return newest.subarray(0, readSync(file, newest, 0, mostBytes, size - mostBytes))
  } finally {
    closeSync(file)
  }
}

/**
 * Begins an output file anew that became larger than this: its newest bytes stay in `<file>.1`, in the place of what stood
 * there. The program that writes it may be running, as it appends wherever the end is.
 */
export const boundOutput = (path: string, mostBytes = 262_144): void => {
  try {
    const { size } = statSync(path)
    if (size <= mostBytes) return
    writeFileSync(`${path}.1`, newestOf(path, size, mostBytes), { mode: 0o600 })
    truncateSync(path)
  } catch {
    // It is not there, or there is no room to keep it: the next time will do.
  }
}

/** Starts a program that outlives this one: own session, output appended to `logFile`. Returns its pid. */
export const startDetached = (command: string, args: readonly string[], logFile: string): number => {
  const out = openLog(logFile)
  try {
    const child = asUsual(() => spawn(command, args, { detached: true, stdio: ['ignore', out, out], cwd: '/' }))
    child.unref()
    // Told below, by the pid that is missing.
    child.on('error', () => undefined)
    if (child.pid === undefined)
      throw new VcError(
        'not_started',
        `${command} could not be started`,
        `is it there, and may more files be open? ulimit -n`,
      )
    return child.pid
  } finally {
    closeSync(out)
  }
}

/** Asks a process to end; false when there is none (or it is somebody else's). */
export const askToEnd = (pid: number): boolean => {
  try {
    return isAlive(pid) && process.kill(pid, 'SIGTERM')
  } catch {
    return false
  }
}

const statOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return '' // no /proc on this system, or it ended meanwhile
  }
}

/** Whether a process is there; one that belongs to somebody else is, one that ended and was never fetched is not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !hasEnded(statOf(pid))
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
