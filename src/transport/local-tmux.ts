import { lstat, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

const PANES = /^# vc:ask tmux\.panes\nN=([0-9a-f]+)\n/
const FORMAT = "'@%s vc-tmux 2 %s %s\\n'"
/** A tmux that was replaced or removed shows by then. */
const BELIEVED_MS = 300_000

interface Known {
  readonly binary: string
  readonly version: string
  readonly atMs: number
}

type Env = Readonly<Record<string, string | undefined>>

/** No server can be there: its folder is empty or missing, and so is vc's own socket. Doubt counts as a server. */
const noSockets = async (env: Env, uid: number): Promise<boolean> => {
  const dir = join(env.TMUX_TMPDIR || '/tmp', `tmux-${uid}`)
  const own = join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local/state'), 'vc/run/tmux.sock')
  // a longer path than a socket address holds was replaced by another one: the script knows which
  if (Buffer.byteLength(own) > 100) return false
  const absent = (error: NodeJS.ErrnoException): boolean => error.code === 'ENOENT'
  const [empty, missing] = await Promise.all([
    readdir(dir).then((names) => names.length === 0, absent),
    lstat(own).then(() => false, absent),
  ])
  return empty && missing
}

export interface TmuxHere {
  /** What the script would print where no server runs; null when it must be asked. */
  answer(script: string): Promise<string | null>
  /** Learns from what the script printed which tmux is there. */
  learn(script: string, stdout: string): void
}

/** Whether a tmux server can run here at all is one look into a folder: most of the time no process is needed to know. */
export const openTmuxHere = (env: Env = process.env, now: () => number = Date.now): TmuxHere => {
  let known: Known | null = null
  const uid = process.getuid?.()
  const nonceOf = (script: string): string | undefined =>
    script.includes(FORMAT) ? PANES.exec(script)?.[1] : undefined
  return {
    async answer(script) {
      const nonce = nonceOf(script)
      if (nonce === undefined || uid === undefined || known === null || now() - known.atMs > BELIEVED_MS) return null
      if (!(await noSockets(env, uid))) return null
      const mark = `@${nonce}`
      const epochS = Math.floor(now() / 1000)
      return `${mark} vc-tmux 2 ${epochS} ${known.binary}\n${mark} version ${known.version}\n${mark} end\n`
    },
    learn(script, stdout) {
      const nonce = nonceOf(script)
      const lines = stdout.split('\n')
      const [, binary] = /^@[0-9a-f]+ vc-tmux 2 \d+ (\/.*)$/.exec(lines[0] ?? '') ?? []
      const [, version] = /^@[0-9a-f]+ version (.+)$/.exec(lines[1] ?? '') ?? []
      if (nonce === undefined || binary === undefined || version === undefined) return
      known = { binary, version, atMs: now() }
    },
  }
}
