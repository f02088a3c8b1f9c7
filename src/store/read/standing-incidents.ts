import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { picture } from './history.ts'
import { IncidentRow } from './rows/incidents.ts'

/** Incidents that are not closed, and closed ones that may hold an alert which fired at `firedSince` or later. */
export const standingIncidents = (db: Db, firedSince: Date | null): Promise<IncidentRow[]> =>
  picture(db, 'incidents', IncidentRow, {
    where: `status <> 'closed'${firedSince === null ? '' : ` OR last_alert_at >= ${time(firedSince)}`}`,
    orderBy: 'opened_at DESC, incident_id',
  })
