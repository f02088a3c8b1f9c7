import type { AskRequest, Reader, Reply } from '../core/carrier.ts'
import { EXIT, VcError } from '../core/errors.ts'
import { NoDaemon, pingDaemon, requestText } from '../transport/socket-client.ts'

/** Where a daemon listens, and what it owns. */
export interface DaemonPlaces {
  readonly socketFile: string
  readonly dataDir: string
}

const ANSWER_MS = 30_000

/** Somebody listens but said nothing in time. */
export const silent = (owner: string, places: DaemonPlaces): VcError =>
  new VcError(
    'daemon_silent',
    `${owner} owns ${places.dataDir} but does not answer`,
    'wait a moment and try again, or end it: vc daemon stop',
    { exitCode: EXIT.timedOut },
  )

export const askOver = async (places: DaemonPlaces, request: AskRequest, timeoutMs: number): Promise<Reply> => {
  try {
    const { text } = await requestText(places.socketFile, { method: 'POST', path: '/v1/ask', body: request, timeoutMs })
    return JSON.parse(text) as Reply
  } catch (error) {
    if (error instanceof NoDaemon) throw silent('the daemon', places)
    throw error
  }
}

/** The daemon that answers a ping; throws NoDaemon with why when none does. */
export const socketReader = async (places: DaemonPlaces): Promise<Reader> => {
  await pingDaemon(places.socketFile)
  return {
    carrier: 'socket',
    async ask(request) {
      return askOver(places, request, ANSWER_MS)
    },
    async close() {},
  }
}

/** The running daemon, or null. Beside one, a command needs neither database nor collectors: loading those costs more than asking. */
export const runningReader = async (places: DaemonPlaces): Promise<Reader | null> => {
  try {
    return await socketReader(places)
  } catch (error) {
    if (error instanceof NoDaemon) return null
    throw error
  }
}
