import type { Writable } from 'node:stream'

/**
 * For a process that does more than print: it goes on when nobody reads what it prints any more, be it a closed terminal,
 * `| head` or a full disk behind it. Half a rescue is worse than none, and a daemon has a store to close. `onCut` is told of
 * an answer that somebody wanted and did not get whole.
 */
export const unheard = (stdout: Writable, onCut: (error: NodeJS.ErrnoException) => void = () => undefined): void => {
  stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    // Who left early, as `head` does, has read enough.
    if (error.code !== 'EPIPE') onCut(error)
  })
}

/** What is said of an answer that found no room where it went. */
export const cutAnswer = (why: string): string =>
  `vc: the answer could not be written whole: ${why}\n  fix: make room where it goes, or send it elsewhere\n`
