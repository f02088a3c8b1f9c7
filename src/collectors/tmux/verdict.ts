import type { Fault } from '../../core/faults.ts'
import { displayText } from '../../core/text.ts'
import type { ServerText } from './parse.ts'

/** What a server's answer means: panes, no sessions, or a server vc cannot see into. */
export type ServerVerdict =
  | { readonly is: 'panes' }
  | { readonly is: 'no_sessions' }
  | { readonly is: 'unseen'; readonly fault: Fault; readonly detail: string }

// A socket file outlives its server, and a server may outlive its last session: both are "0 sessions", not errors.
const EMPTY = /no server running|no current target|no sessions|\((No such file or directory|Connection refused)\)/

const SKEW = /server version is too old for client|protocol version mismatch/

/** Reads tmux's own words; the absence table stands in README.md. */
export const judgeServer = (server: ServerText): ServerVerdict => {
  const unseen = (fault: Fault, words: string): ServerVerdict => ({
    is: 'unseen',
    fault,
    detail: `${displayText(server.socket)}: ${displayText(words, 200)}`,
  })
  if (server.exitCode === 0 && server.panes.length > 0) return { is: 'panes' }
  if (server.exitCode === 0 && server.unreadable > 0) return unseen('bad_output', 'pane records without separators')
  if (server.exitCode === 0 || EMPTY.test(server.message)) return { is: 'no_sessions' }
  if (server.exitCode === 124 || server.exitCode === 137) return unseen('timeout', 'the server did not answer')
  if (SKEW.test(server.message)) return unseen('incompatible_version', server.message)
  return unseen('exit_code', server.message || `tmux ended with ${server.exitCode}`)
}
