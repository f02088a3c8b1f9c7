import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'

/**
 * A promise that failed with nobody to hear of it ends a Node process. Others rely on a daemon, and what failed was one
 * answer or one look: it is logged with its place, and all else goes on. Returns how to stop listening.
 */
export const hearStrays = (log: Log): (() => void) => {
  const hear = (reason: unknown): void => {
    const place = reason instanceof Error ? reason.stack : undefined
    log.error({ [K.detail]: messageOf(reason), place }, 'something failed and nobody was told: please report it')
  }
  process.on('unhandledRejection', hear)
  return () => void process.off('unhandledRejection', hear)
}
