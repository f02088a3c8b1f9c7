import type { ClientChannel } from 'ssh2'
import type { RunRequest, ShellCall } from '../../core/executor.ts'
import { type KeptShell, openKeptShell } from './kept-shell.ts'
import type { Link } from './link.ts'

/** A server that keeps no shell is asked again this much later. */
const AGAIN_MS = 15 * 60_000

/** The kept shell of one machine: at most one, on the connection that stands. */
export interface ShellStand {
  /** What of this request may be said to a kept shell on this connection; null: it runs the ordinary way. */
  callOf(request: RunRequest, link: Link): ShellCall | null
  /** The shell, when it can take a call now. */
  free(link: Link): KeptShell | null
  /** Makes a channel with a fresh `sh -s` the shell of this machine. */
  take(link: Link, channel: ClientChannel): KeptShell
  /** The server wants fewer channels, or did not run a call: no shell for a while. True if one stood there unused. */
  clear(): boolean
}

export const openShellStand = (now: () => number = () => performance.now()): ShellStand => {
  let shell: KeptShell | null = null
  let notBefore = Number.NEGATIVE_INFINITY

  const standing = (link: Link): KeptShell | null => (shell?.link === link && shell.isOpen() ? shell : null)
  const clear = (): boolean => {
    notBefore = now() + AGAIN_MS
    const unused = shell?.isFree() ?? false
    shell?.leave()
    shell = null
    return unused
  }
  return {
    callOf: ({ call, patient }, link) => {
      if (call === undefined || patient !== true || now() < notBefore) return null
      return standing(link)?.isBusy() ? null : call
    },
    free: (link) => {
      const one = standing(link)
      return one?.isFree() ? one : null
    },
    take(link, channel) {
      shell?.leave()
      shell = openKeptShell(link, channel, { onUnfit: clear })
      return shell
    },
    clear,
  }
}
