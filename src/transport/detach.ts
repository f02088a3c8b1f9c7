import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
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
