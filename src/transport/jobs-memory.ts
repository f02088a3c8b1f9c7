import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const KB = 1024

const fromProc = async (pid: number): Promise<number | null> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null)
  const match = status === null ? null : /^VmRSS:\s+(\d+) kB$/m.exec(status)
  return match ? Number(match[1]) * KB : null
}

const fromPs = (pid: number): Promise<number | null> =>
  new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], { timeout: 2_000 }, (error, stdout) => {
      const kb = Number(stdout.trim())
      resolve(error || !Number.isFinite(kb) || kb === 0 ? null : kb * KB)
    })
  })

/** Resident memory of a process in bytes; null when it is gone (or a zombie) or cannot be seen. */
export const residentBytes = (pid: number): Promise<number | null> =>
  process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
