import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** Starts a program that outlives this one: own session, output appended to `logFile`. Returns its pid. */
export const startDetached = (command: string, args: readonly string[], logFile: string): number => {
  const out = openSync(logFile, 'a', 0o600)
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', out, out], cwd: '/' })
    child.unref()
    if (child.pid === undefined) throw new Error(`${command} did not start`)
    return child.pid
  } finally {
    closeSync(out)
  }
}

/** Asks a process to end; false when there is none (or it is somebody else's). */
export const askToEnd = (pid: number): boolean => {
  try {
    process.kill(pid, 'SIGTERM')
    return true
  } catch {
    return false
  }
}

/** Whether a process is there; one that belongs to somebody else is. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
