import type { Mission, MissionStatus } from './mission.ts'
import { hasLapsed } from './step.ts'

/** Where a mission stands for people: pending ones are told apart by why. */
export const STANDINGS = ['ready', 'blocked', 'paused', 'running', 'lapsed', 'done', 'failed', 'cancelled'] as const
export type MissionStanding = (typeof STANDINGS)[number]

/** `blocked` waits on others · `paused` waits out the pause after a failure · `lapsed` its claimant fell silent. */
export const standingOf = (
  mission: Mission,
  statusOf: (missionId: string) => MissionStatus | undefined,
  nowMs: number,
): MissionStanding => {
  if (mission.status === 'claimed') return hasLapsed(mission, nowMs) ? 'lapsed' : 'running'
  if (mission.status !== 'pending') return mission.status
  if (mission.dependsOn.some((on) => statusOf(on) !== 'done')) return 'blocked'
  return (mission.notBeforeMs ?? 0) > nowMs ? 'paused' : 'ready'
}

export type StandingCounts = Readonly<Record<MissionStanding, number>>

export const countStandings = (standings: Iterable<MissionStanding>): StandingCounts => {
  const counts: Record<MissionStanding, number> = {
    ...{ ready: 0, blocked: 0, paused: 0, running: 0, lapsed: 0, done: 0, failed: 0, cancelled: 0 },
  }
  for (const standing of standings) counts[standing] += 1
  return counts
}

export interface ConvoyProgress {
  /** `completed`: all done · `stopped`: nothing more will happen by itself, and not all is done. */
  readonly status: 'empty' | 'pending' | 'active' | 'completed' | 'stopped'
  readonly total: number
  /** 0-100, of those that were not cancelled; null: there are none. */
  readonly donePct: number | null
}

/** Progress of a batch, counted from its missions. */
export const convoyProgress = (counts: StandingCounts): ConvoyProgress => {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const wanted = total - counts.cancelled
  const donePct = wanted === 0 ? null : (100 * counts.done) / wanted
  const moving = counts.running + counts.lapsed
  const open = moving + counts.ready + counts.paused + counts.blocked
  const status = (): ConvoyProgress['status'] => {
    if (total === 0) return 'empty'
    if (open === 0) return counts.failed === 0 && counts.done > 0 ? 'completed' : 'stopped'
    // Only blocked ones are left behind a failure: nobody can go on.
    if (moving + counts.ready + counts.paused === 0) return 'stopped'
    return moving + counts.done + counts.failed > 0 ? 'active' : 'pending'
  }
  return { status: status(), total, donePct }
}
