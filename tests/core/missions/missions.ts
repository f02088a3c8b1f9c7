import type { Mission } from '../../../src/core/missions/mission.ts'

export const T0 = Date.UTC(2026, 10, 21, 6)

export const mission = (seq: number, more: Partial<Mission> = {}): Mission => ({
  ...{ missionId: `m-${seq}`, seq, title: `mission ${seq}`, type: 'coding', lane: 'standard', priority: 'normal' },
  ...{ status: 'pending', eventType: null, toAgent: null, toRole: null, machineId: null, convoyId: null },
  ...{ dependsOn: [], bead: null, idemKey: null, timeoutMs: null, leaseMs: 60_000, maxRetries: 2, attempts: 0 },
  ...{ attemptsAllowed: 3, notBeforeMs: null, createdAtMs: T0, createdBy: 'ada', claim: null, finishedAtMs: null },
  ...{ finishedBy: null, failure: null, usage: { inputTokens: null, outputTokens: null, costMicrousd: null } },
  ...{ workMs: null },
  ...more,
})
