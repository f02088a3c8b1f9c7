import { readdirSync, readFileSync } from 'node:fs'

/** Whether a process runs; a zombie waits only for its parent to take note of its end. */
export const lives = (pid: number): boolean => {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Processes of one agent: those that vc marked when it started them. */
export const marked = (agent: string): readonly number[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`VC_AGENT=${agent}`) && lives(pid)
    } catch {
      return false
    }
  })
