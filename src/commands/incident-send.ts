import { userInfo } from 'node:os'
import { changeIncident, type IncidentChange, type IncidentChanged } from './incident-change.ts'
import { requireFile, type StorePlaces } from './store-places.ts'

/** Who sits here, as incidents name them. */
export const actorHere = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

const PATIENCE_MS = 10_000

/** Hands a change to whoever owns the store: the daemon when one runs, else this process for as long as it takes. */
export const sendIncidentChange = async (places: StorePlaces, change: IncidentChange): Promise<IncidentChanged> => {
  const { NoDaemon, requestText } = await import('../transport/socket-client.ts')
  try {
    const request = { method: 'POST', path: '/v1/incident', body: { ...change }, timeoutMs: PATIENCE_MS } as const
    return JSON.parse((await requestText(places.socketFile, request)).text) as IncidentChanged
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
  }
  await requireFile(places)
  const { openStore } = await import('../store/index.ts')
  const store = await openStore({ dataDir: places.dataDir, dbPath: places.dbFile })
  try {
    return await changeIncident(store, change, new Date())
  } finally {
    await store.close()
  }
}
