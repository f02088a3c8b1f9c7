import { readFile } from 'node:fs/promises'
import type { AskRequest, Reader, Reply } from '../core/carrier.ts'
import { VcError } from '../core/errors.ts'
import type { FleetPlan } from '../core/plan.ts'
import { answer, queries } from '../queries/index.ts'
import { lockIsFree, openStore, readLock } from '../store/index.ts'
import { NoDaemon, pingDaemon, requestText } from '../transport/socket-client.ts'

/** Where the owner of the store may be found, and how to become it. */
export interface ReaderPlaces {
  readonly socketFile: string
  readonly stateFile: string
  readonly dataDir: string
  readonly dbFile: string
  readonly memoryLimitMb: number
  readonly threads: number
  readonly plan: FleetPlan
  readonly version: string
}

const withWarning = (reply: Reply, text: string): Reply => ({ ...reply, warnings: [...(reply.warnings ?? []), text] })

const socketReader = (places: ReaderPlaces): Reader => ({
  carrier: 'socket',
  async ask(request) {
    const { text } = await requestText(places.socketFile, { method: 'POST', path: '/v1/ask', body: request })
    return JSON.parse(text) as Reply
  },
  async close() {},
})

/** This process opens the file for as long as it runs, and says so. */
const embeddedReader = async (places: ReaderPlaces): Promise<Reader> => {
  const store = await openStore({
    dataDir: places.dataDir,
    dbPath: places.dbFile,
    memoryLimitMb: places.memoryLimitMb,
    threads: places.threads,
    programVersion: places.version,
  })
  return {
    carrier: 'embedded',
    async ask(request: AskRequest) {
      const reply = await answer(queries, request, { db: store.db, now: new Date(), plan: places.plan })
      return withWarning(
        reply,
        'embedded: no daemon is running, so nothing is being collected; this is what the file holds (start one: vc daemon)',
      )
    },
    close: () => store.close(),
  }
}

interface StateFile {
  readonly generated_at: string
  readonly replies: Readonly<Record<string, Reply>>
}

/** The daemon's last words, when it holds the store but does not answer. */
const stateFileReader = async (places: ReaderPlaces): Promise<Reader> => {
  const holder = await readLock(places.dataDir)
  const owner = holder && holder !== 'unreadable' ? `process ${holder.pid}` : 'another process'
  const silent = new VcError(
    'daemon_silent',
    `${owner} owns ${places.dataDir} but does not answer`,
    'wait a moment and try again, or end it: vc daemon stop',
  )
  const text = await readFile(places.stateFile, 'utf8').catch(() => null)
  if (text === null) throw silent
  const state = JSON.parse(text) as StateFile
  const ageS = Math.max(0, Math.round((Date.now() - Date.parse(state.generated_at)) / 1000))
  return {
    carrier: 'state_file',
    async ask(request) {
      const reply = state.replies[request.topic]
      if (!reply) throw silent
      return withWarning(
        reply,
        `state_file: ${owner} does not answer; this is its last written state, ${ageS} s old (vc daemon status)`,
      )
    },
    async close() {},
  }
}

/** Socket, then this process, then the state file: whoever can answer truthfully, within 300 ms of a dead socket. */
export const openReader = async (places: ReaderPlaces): Promise<Reader> => {
  try {
    await pingDaemon(places.socketFile)
    return socketReader(places)
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
  }
  return (await lockIsFree(places.dataDir)) ? embeddedReader(places) : stateFileReader(places)
}
