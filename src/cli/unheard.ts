import type { Writable } from 'node:stream'

/**
 * For a process that does more than print: it goes on when nobody reads what it prints any more, be it a closed terminal,
 * `| head` or a full disk behind it. Half a rescue is worse than none, and a daemon has a store to close.
 */
export const unheard = (stdout: Writable): void => {
  stdout.removeAllListeners('error').on('error', () => undefined)
}
