import { type Claimant, LANES, type Mission, PRIORITIES } from './mission.ts'

const rankIn = (order: readonly string[]): ReadonlyMap<string, number> =>
  new Map(order.map((name, index) => [name, index]))

const LANE_RANK = rankIn(LANES)
const PRIORITY_RANK = rankIn(PRIORITIES)

type Ranked = Pick<Mission, 'lane' | 'priority' | 'seq'>

/** The order of the queue: lane, priority within it, then the older one. Negative: `a` comes first. */
export const compareMissions = (a: Ranked, b: Ranked): number =>
  (LANE_RANK.get(a.lane) ?? 0) - (LANE_RANK.get(b.lane) ?? 0) ||
  (PRIORITY_RANK.get(a.priority) ?? 0) - (PRIORITY_RANK.get(b.priority) ?? 0) ||
  a.seq - b.seq

const suitsEvents = ({ eventType }: Mission, wanted: Claimant['events']): boolean => {
  if (wanted === 'any') return true
  if (eventType === null) return wanted === 'none'
  return wanted === 'all' || (wanted !== 'none' && wanted.includes(eventType))
}

/** Whether this claimant may have it and wants such ones; nothing is said about whether its turn has come. */
export const suits = (mission: Mission, claimant: Claimant): boolean =>
  (mission.toAgent === null || mission.toAgent === claimant.name) &&
  (mission.toRole === null || mission.toRole === claimant.role) &&
  (mission.machineId === null || claimant.machineId === null || mission.machineId === claimant.machineId) &&
  (claimant.missionId === null || claimant.missionId === mission.missionId) &&
  (claimant.types === null || claimant.types.includes(mission.type)) &&
  (claimant.lanes === null || claimant.lanes.includes(mission.lane)) &&
  suitsEvents(mission, claimant.events)
