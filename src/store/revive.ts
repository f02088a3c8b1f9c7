import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Engine } from './engine.ts'

interface Mortal {
  readonly engine: Engine
  readonly log: Log
  /** It did not open any more. */
  onBroken(error: unknown): void
}

type Revive = (error: unknown, generation: number) => Promise<boolean>

/** Closes and reopens after a death, once for everybody who met it. False when the file does not open any more. */
export const reviver =
  ({ engine, log, onBroken }: Mortal): Revive =>
  async (error, generation) => {
    if (engine.generation !== generation) return true
    log.error({ [K.detail]: messageOf(error) }, 'the database declared itself dead; it is opened again')
    try {
      await engine.reopen()
      return true
    } catch (cause) {
      onBroken(cause)
      return false
    }
  }
