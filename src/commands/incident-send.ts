import { userInfo } from 'node:os'
import { byOwner } from './by-owner.ts'
import { changeIncident, type IncidentChange, type IncidentChanged, parseIncidentChange } from './incident-change.ts'
import type { StorePlaces } from './store-places.ts'

/** Who sits here, as incidents name them. */
export const actorHere = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

const PATIENCE_MS = 10_000

/** Hands a change to whoever owns the store. What a daemon would refuse is refused without one too. */
export const sendIncidentChange = async (places: StorePlaces, given: IncidentChange): Promise<IncidentChanged> => {
  const change = parseIncidentChange({ ...given })
  return byOwner(places, {
    path: '/v1/incident',
    body: { ...change },
    timeoutMs: PATIENCE_MS,
    here: (store) => changeIncident(store, change, new Date()),
  })
}
