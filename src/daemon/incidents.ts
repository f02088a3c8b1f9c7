import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import { type Incident, type IncidentAlert, judgeIncidents } from '../oracle/incidents.ts'
import { rankCauses } from '../oracle/root-cause.ts'
import type { Severity } from '../oracle/rule.ts'
import { incidentOf, incidentRow, readIncident } from '../queries/rows-incidents.ts'
import { type AlertRow, activeAlerts, type Store, standingIncidents } from '../store/index.ts'

export interface IncidentPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly plan: () => FleetPlan
  readonly now: () => Date
  readonly log: Log
}

export interface IncidentWatch {
  /** After a judgement: alerts may have changed. Never rejects. */
  look(): Promise<void>
}

/** Causes of an open incident are weighed again this often, for what becomes known meanwhile. */
const WEIGH_EVERY_MS = 5 * 60_000
/** What happens later than this after it began has not caused it. */
const CAUSED_WITHIN_MS = 24 * 3_600_000
/** Calm and closing are matters of minutes. */
const LOOK_EVERY_MS = 30_000

const alertOf = (row: AlertRow & { readonly suppressed_by?: string | null }, nowMs: number): IncidentAlert[] =>
  row.status !== 'firing' || row.fired_at === null
    ? []
    : [
        {
          alertId: row.alert_id,
          rule: row.rule,
          machineId: row.machine_id,
          subject: row.subject,
          severity: row.severity as Severity,
          title: row.title,
          firedAtMs: Date.parse(row.fired_at),
          causedBy: row.suppressed_by ?? null,
          silenced: row.silenced_until !== null && Date.parse(row.silenced_until) > nowMs,
        },
      ]

const same = (a: Incident | undefined, b: Incident): boolean =>
  a !== undefined &&
  a.status === b.status &&
  a.severity === b.severity &&
  a.title === b.title &&
  a.episodes.length === b.episodes.length

/** A closed incident that holds none of these alerts is nobody's any more, and of half a year there are thousands. */
const firstFired = (firing: readonly IncidentAlert[]): Date | null =>
  firing.length === 0 ? null : new Date(Math.min(...firing.map((alert) => alert.firedAtMs)))

/** Opens, grows, calms and closes incidents from what fires. It does nothing while the same alerts fire. */
export const openIncidentWatch = ({ store, plan, now, log }: IncidentPorts): IncidentWatch => {
  let seen = ''
  let lookedAtMs = Number.NEGATIVE_INFINITY
  const weighedAtMs = new Map<string, number>()

  const rowOf = async (incident: Incident, at: Date) => {
    weighedAtMs.set(incident.incidentId, at.getTime())
    const until = new Date(Math.min(at.getTime(), incident.openedAtMs + CAUSED_WITHIN_MS))
    const { facts } = await readIncident({ db: store.db, now: at, plan: plan() }, incident, until)
    return incidentRow(incident, rankCauses(facts))
  }

  const judge = async (firing: readonly IncidentAlert[], at: Date): Promise<void> => {
    const stored = await standingIncidents(store.db, firstFired(firing))
    const known = new Map(stored.map((row) => [row.incident_id, incidentOf(row)]))
    const after = judgeIncidents(firing, [...known.values()], at.getTime())
    const due = (one: Incident): boolean =>
      one.status === 'open' &&
      at.getTime() - one.openedAtMs < CAUSED_WITHIN_MS + WEIGH_EVERY_MS &&
      at.getTime() - (weighedAtMs.get(one.incidentId) ?? 0) >= WEIGH_EVERY_MS
    // One after another: when a fleet fails, answers would wait behind a dozen questions for each of its incidents.
    const rows: ReturnType<typeof incidentRow>[] = []
    for (const one of after.filter((one) => !same(known.get(one.incidentId), one) || due(one)))
      rows.push(await rowOf(one, at))
    const before = new Map(stored.map((row) => [row.incident_id, row.hypotheses_json]))
    const changed = rows.filter(
      (row) =>
        before.get(row.incident_id) !== row.hypotheses_json ||
        !same(known.get(row.incident_id), after.find((one) => one.incidentId === row.incident_id) as Incident),
    )
    if (changed.length === 0) return
    const batches = [{ table: 'incidents', rows: changed }]
    const written = await store.write({ machineId: 'fleet', source: 'oracle.incidents', at, batches, awaited: true })
    if (!written.ok) throw new Error(written.detail)
  }

  return {
    async look() {
      const at = now()
      try {
        const firing = (await activeAlerts(store.db)).flatMap((row) => alertOf(row, at.getTime()))
        const signature = JSON.stringify(firing)
        const restedMs = at.getTime() - lookedAtMs
        // The clock may have been set back since.
        if (signature === seen && restedMs >= 0 && restedMs < LOOK_EVERY_MS) return
        // What cannot be written, as on a full disk, is not weighed anew at each look either.
        seen = signature
        lookedAtMs = at.getTime()
        await judge(firing, at)
      } catch (error) {
        log.error({ [K.detail]: messageOf(error) }, 'incidents were not judged')
      }
    },
  }
}
