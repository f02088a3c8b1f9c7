import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import type { Store } from '../../store/index.ts'
import { byOwner } from '../by-owner.ts'
import type { StorePlaces } from '../store-places.ts'
import { actOnMissions, type MissionActed, type MissionAction } from './act.ts'

const PATIENCE_MS = 60_000

/** A wish as it comes over the socket; nothing of it is believed unread. `by` is a name people gave, not proven. */
export const actOnMissionsWish = (
  store: Store,
  wish: Readonly<Record<string, unknown>>,
  at: Date,
): Promise<MissionActed> => {
  const { action, given, by } = wish
  if (typeof action !== 'string' || typeof given !== 'object' || given === null)
    throw usageError('bad_mission_action', 'this is no action on missions', 'vc mission --help')
  const actor = typeof by === 'string' && by !== '' ? displayText(by, 128) : 'unknown'
  return actOnMissions(store, action, given as Readonly<Record<string, unknown>>, actor, at)
}

/** Hands an action on the queue to whoever owns the store. */
export const sendMissionAction = (
  places: StorePlaces,
  action: MissionAction,
  given: Readonly<Record<string, unknown>>,
  by: string,
): Promise<MissionActed> =>
  byOwner(places, {
    path: '/v1/missions',
    body: { action, given, by },
    timeoutMs: PATIENCE_MS,
    makesFile: action === 'add',
    here: (store) => actOnMissions(store, action, given, by, new Date()),
  })
