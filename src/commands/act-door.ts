import type { Acted, ActWish } from '../core/action.ts'
import { EXIT, messageOf, VcError } from '../core/errors.ts'
import { NoDaemon, requestText } from '../transport/socket-client.ts'
import type { Acting } from './acting.ts'
import type { Proposed } from './doer.ts'

/** The way from a surface to whoever owns the store, for one action. */
export interface ActDoor {
  propose(wish: ActWish, terminal: boolean): Promise<Proposed>
  confirm(token: string, yes: boolean, terminal: boolean): Promise<Acted>
  close(): Promise<void>
}

/** Looking at a remote terminal takes a connection at most. */
const PROPOSE_MS = 60_000
/** Keys, pauses and the proofs after them; long prompts are watched for in the transcript. */
const CONFIRM_MS = 600_000

// After the yes went out nobody knows how far it came: not an error that invites to try again.
const lostOnTheWay = (error: unknown): VcError =>
  new VcError(
    'outcome_unknown',
    `the daemon was lost after the yes (${messageOf(error)}); it may have been done`,
    'look before you try again: vc audit list',
    { exitCode: EXIT.unknownEffect, cause: error },
  )

const goneBefore = (): VcError =>
  new VcError('daemon_gone', 'the daemon went away before your yes reached it; nothing was done', 'ask anew', {
    exitCode: EXIT.refused,
  })

/** Nobody was there to take the yes; a silent daemon may have taken it. */
const neverReached = (error: unknown): boolean => error instanceof NoDaemon && error.why !== 'silent'

/** Through the daemon's socket. Throws NoDaemon from `propose` when nobody answers: nothing was asked then. */
export const socketDoor = (socketFile: string): ActDoor => {
  const post = async (path: string, body: unknown, timeoutMs: number): Promise<unknown> =>
    JSON.parse((await requestText(socketFile, { method: 'POST', path, body, timeoutMs })).text)
  const caller = (terminal: boolean) => ({ pid: process.pid, terminal })
  return {
    propose: async (wish, terminal) =>
      (await post('/v1/act/propose', { wish, caller: caller(terminal) }, PROPOSE_MS)) as Proposed,
    async confirm(token, yes, terminal) {
      try {
        return (await post('/v1/act/confirm', { token, yes, caller: caller(terminal) }, CONFIRM_MS)) as Acted
      } catch (error) {
        if (error instanceof VcError) throw error
        throw yes && !neverReached(error) ? lostOnTheWay(error) : goneBefore()
      }
    },
    close: async () => undefined,
  }
}

/** Opens everything that acting needs in this process; `close` lets go of all of it. */
export type OpenActingHere = () => Promise<{ readonly acting: Acting; close(): Promise<void> }>

/**
 * Without a daemon: the store is opened for the question, let go of while the person thinks, and opened again for the yes.
 * `open` keeps the tokens between both.
 */
export const ownDoor = (open: OpenActingHere): ActDoor => {
  const once = async <Result>(job: (acting: Acting) => Promise<Result>): Promise<Result> => {
    const here = await open()
    try {
      return await job(here.acting)
    } finally {
      await here.acting.close()
      await here.close()
    }
  }
  const caller = (terminal: boolean) => ({ pid: process.pid, terminal })
  return {
    propose: (wish, terminal) => once((acting) => acting.propose({ wish, caller: caller(terminal) })),
    confirm: (token, yes, terminal) => once((acting) => acting.confirm({ token, yes, caller: caller(terminal) })),
    close: async () => undefined,
  }
}

/** The daemon where one answers, else this process; `daemonComes` waits for who has the store and does not answer yet. */
export const firstDoor = (socket: ActDoor, own: ActDoor, daemonComes: () => Promise<boolean>): ActDoor => {
  let chosen: ActDoor = socket
  return {
    async propose(wish, terminal) {
      try {
        return await socket.propose(wish, terminal)
      } catch (error) {
        if (!(error instanceof NoDaemon)) throw error
        if (error.why !== 'silent' && (await daemonComes())) return socket.propose(wish, terminal)
        chosen = own
        return own.propose(wish, terminal)
      }
    },
    confirm: (...answer) => chosen.confirm(...answer),
    close: async () => void (await Promise.all([socket.close(), own.close()])),
  }
}
