import type { Db } from '../db.ts'
import { type At, picture } from './history.ts'
import { HealthFactorRow, HealthSummaryRow } from './rows/health.ts'

/** What each machine's health was made of when it last changed. */
export const healthFactors = (
  db: Db,
  question: At & { readonly machineId?: string | undefined } = {},
): Promise<HealthFactorRow[]> =>
  picture(db, 'health_factors', HealthFactorRow, {
    at: question.at,
    where: '$machine IS NULL OR machine_id = $machine',
    params: { machine: question.machineId ?? null },
    orderBy: 'machine_id, factor',
  })

export const healthSummaries = (db: Db, question: At = {}): Promise<HealthSummaryRow[]> =>
  picture(db, 'health_summary', HealthSummaryRow, { at: question.at, orderBy: 'machine_id' })
