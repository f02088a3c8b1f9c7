import { EXIT, VcError } from '../core/errors.ts'
import type { Store } from '../store/index.ts'
import { holderWords, isStopped } from './holder-words.ts'
import { ownerAnswers } from './settled-owner.ts'
import { refuseStopped, silentHolder, storeHolder } from './store-holder.ts'
import { requireFile, type StorePlaces } from './store-places.ts'

export interface OwnerErrand<Result> {
  /** Route of the daemon's socket and what it is handed. */
  readonly path: `/v1/${string}`
  readonly body: unknown
  readonly timeoutMs: number
  /** The same without a daemon, on the store that this process owns for as long as it takes. */
  readonly here: (store: Store) => Promise<Result>
  /** There may be no file yet: it is made. Otherwise a missing one is refused. */
  readonly makesFile?: boolean
}

/** Refuses where whoever was asked still has the store: one that hung up ends, unlike one that stays silent or was stopped by a signal. */
const refuseUnanswered = async (dataDir: string, hungUp: boolean): Promise<void> => {
  const pid = await storeHolder(dataDir)
  if (pid === null) return
  if (!hungUp || isStopped(pid)) throw await silentHolder(dataDir)
  throw new VcError(
    'outcome_unknown',
    `${holderWords(pid)} hung up before it answered, as a daemon does that is told to stop; what was asked of it may be done`,
    'look whether it is done, then ask again',
    { exitCode: EXIT.unknownEffect },
  )
}

/** A change done by whoever owns the store: the daemon when one answers, else this process. Throws what the owner threw. */
export const byOwner = async <Result>(places: StorePlaces, errand: OwnerErrand<Result>): Promise<Result> => {
  const { NoDaemon, requestText } = await import('../transport/socket-client.ts')
  const { path, body, timeoutMs } = errand
  await refuseStopped(places.dataDir)
  const began = performance.now()
  const byDaemon = async (): Promise<Result> =>
    JSON.parse((await requestText(places.socketFile, { method: 'POST', path, body, timeoutMs })).text) as Result
  try {
    return await byDaemon()
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
    // One that said nothing in time may have taken it in: it is not asked twice.
    if (error.why === 'silent') await refuseUnanswered(places.dataDir, performance.now() - began < timeoutMs)
    else if (await ownerAnswers(places)) return byDaemon()
  }
  if (!errand.makesFile) await requireFile(places)
  const { openStore } = await import('../store/index.ts')
  const store = await openStore({ dataDir: places.dataDir, dbPath: places.dbFile })
  try {
    return await errand.here(store)
  } finally {
    await store.close()
  }
}
