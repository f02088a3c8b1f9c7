import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { countProcess } from './local-process.ts'

/** One process above another; `args` is its command line. */
export interface Ancestor {
  readonly pid: number
  readonly ppid: number
  readonly uid: number | null
  readonly args: readonly string[]
}

const MAX_DEPTH = 64

const fromProc = async (pid: number): Promise<Ancestor> => {
  const [stat, status, cmdline] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ])
  // The name may hold anything, brackets too: it ends at the last one.
  const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  const uid = /^Uid:\t(\d+)/m.exec(status)?.[1]
  if (!Number.isSafeInteger(ppid)) throw new Error(`process ${pid} has an unreadable line in /proc`)
  return { pid, ppid, uid: uid === undefined ? null : Number(uid), args: cmdline.split('\0').slice(0, -1) }
}

// ps gives one string; blanks inside an argument are lost, which can only make more words, never hide a program.
const fromPs = async (pid: number): Promise<Ancestor> => {
  countProcess()
  const { stdout } = await execa('ps', ['-o', 'ppid=,uid=,command=', '-p', String(pid)], { timeout: 2_000 })
  const found = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(stdout)
  if (found === null) throw new Error(`ps says nothing of process ${pid}`)
  return { pid, ppid: Number(found[1]), uid: Number(found[2]), args: (found[3] ?? '').split(/\s+/) }
}

/** The process itself and everybody above it, nearest first. Throws when it cannot be read itself. */
export const ancestorsOf = async (pid: number): Promise<readonly Ancestor[]> => {
  const read = process.platform === 'linux' ? fromProc : fromPs
  const found: Ancestor[] = []
  for (let at = pid; at >= 1 && found.length < MAX_DEPTH; ) {
    // Where other users' processes are hidden the way up ends at them: an agent of this user is not above.
    const one = await read(at).catch((error: unknown) => {
      if (found.length === 0) throw error
      return null
    })
    if (one === null) break
    found.push(one)
    at = one.ppid
  }
  return found
}
