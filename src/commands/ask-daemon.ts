import type { AskRequest, Reader, Reply } from '../core/carrier.ts'
import { EXIT, VcError } from '../core/errors.ts'
import { NoDaemon, pingDaemon, requestText } from '../transport/socket-client.ts'

/** Where a daemon listens, and what it owns. */
export interface DaemonPlaces {
  readonly socketFile: string
  readonly dataDir: string
}

const ANSWER_MS = 30_000

export const SILENT_FIX = 'wait a moment and try again, or end it: vc daemon stop'

/** Somebody listens but said nothing in time. */
export const silent = (owner: string, places: DaemonPlaces, fix = SILENT_FIX): VcError =>
  new VcError('daemon_silent', `${owner} owns ${places.dataDir} but does not answer`, fix, { exitCode: EXIT.timedOut })

export const askOver = async (places: DaemonPlaces, request: AskRequest, timeoutMs: number): Promise<Reply> => {
  try {
    const { text } = await requestText(places.socketFile, { method: 'POST', path: '/v1/ask', body: request, timeoutMs })
    return JSON.parse(text) as Reply
  } catch (error) {
    if (error instanceof NoDaemon) throw silent('the daemon', places)
    throw error
  }
}

// A daemon goes on as it was started: after an upgrade it lacks what the program beside it can ask by now.
const isOlder = async (error: unknown, { topic }: AskRequest): Promise<boolean> => {
  if (!(error instanceof VcError) || error.code !== 'unknown_topic') return false
  const { queries } = await import('../queries/index.ts')
  return queries.some(({ name }) => name === topic)
}

const older = ({ pid, version }: { readonly pid: number; readonly version: string }, { topic }: AskRequest): VcError =>
  new VcError(
    'daemon_older',
    `the daemon (pid ${pid}, vc ${version}) is older than this program: it does not know the topic ${topic}`,
    'start it anew: vc daemon stop, then vc daemon --detach (or restart its service)',
  )

/** The daemon that answers a ping; throws NoDaemon with why when none does. */
export const socketReader = async (places: DaemonPlaces): Promise<Reader> => {
  const daemon = await pingDaemon(places.socketFile)
  return {
    carrier: 'socket',
    async ask(request) {
      return askOver(places, request, ANSWER_MS).catch(async (error: unknown) => {
        throw (await isOlder(error, request)) ? older(daemon, request) : error
      })
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
