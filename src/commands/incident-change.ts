import { randomUUID } from 'node:crypto'
import { usageError, VcError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { type Incident, incidentId } from '../oracle/incidents.ts'
import { incidentNamed } from '../queries/incidents.ts'
import { incidentOf, incidentRow } from '../queries/rows-incidents.ts'
import { machineIdsEverKnown, type Store } from '../store/index.ts'

/** What a person does to an incident. */
export type IncidentChange =
  | {
      readonly action: 'open'
      readonly title: string
      readonly machine: string | null
      readonly severity: string
      readonly actor: string
    }
  | { readonly action: 'note'; readonly id: string; readonly body: string; readonly actor: string }
  | { readonly action: 'close'; readonly id: string; readonly reason: string | null; readonly actor: string }

export interface IncidentChanged {
  readonly incident: string
  readonly title: string
  readonly status: string
}

const TEXT_CHARS = 4_000
const said = (value: unknown, what: string): string => {
  const text = typeof value === 'string' ? displayText(value.trim(), TEXT_CHARS) : ''
  if (text === '')
    throw usageError('empty_text', `the ${what} is empty`, `say it in words, e.g. "disk of atlas replaced"`)
  return text
}

const SEVERITIES = ['critical', 'warning', 'info']
const severityOf = (given: unknown): string => {
  const found = SEVERITIES.find((one) => one === (given ?? 'warning'))
  if (found !== undefined) return found
  throw usageError(
    'unknown_severity',
    `“${displayText(String(given), 40)}” is no severity`,
    `known: ${SEVERITIES.join(', ')}`,
  )
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** A change as it came over the socket, or a usage error; nothing of it is believed unread. */
export const parseIncidentChange = (given: Readonly<Record<string, unknown>>): IncidentChange => {
  const actor = isText(given.actor) ? displayText(given.actor, 64) : 'unknown'
  if (given.action === 'open') {
    return {
      action: 'open',
      title: said(given.title, 'title'),
      machine: isText(given.machine) ? given.machine : null,
      severity: severityOf(given.severity),
      actor,
    }
  }
  if (given.action === 'note' && isText(given.id))
    return { action: 'note', id: given.id, body: said(given.body, 'note'), actor }
  if (given.action === 'close' && isText(given.id))
    return { action: 'close', id: given.id, reason: given.reason === null ? null : said(given.reason, 'reason'), actor }
  throw usageError('bad_incident_change', 'this is no change of an incident', 'vc incident --help')
}

const write = async (
  store: Store,
  at: Date,
  table: string,
  rows: Parameters<Store['write']>[0]['batches'][number]['rows'],
) => {
  const written = await store.write({
    machineId: 'fleet',
    source: 'person',
    at,
    batches: [{ table, rows }],
    awaited: true,
  })
  if (!written.ok) throw new VcError('not_stored', written.detail, 'look with: vc doctor')
}

const openByHand = async (store: Store, change: IncidentChange & { action: 'open' }, at: Date): Promise<Incident> => {
  if (change.machine !== null && !(await machineIdsEverKnown(store.db)).includes(change.machine))
    throw usageError('unknown_machine', `no machine is called “${displayText(change.machine, 64)}”`, 'vc machines list')
  const groupKey = change.machine === null ? `person:${change.title}` : `machine:${change.machine}`
  return {
    incidentId: incidentId(groupKey, at.getTime()),
    groupKey,
    machineId: change.machine,
    title: change.title.slice(0, 256),
    severity: change.severity as Incident['severity'],
    status: 'open',
    openedAtMs: at.getTime(),
    openedBy: change.actor,
    lastAlertAtMs: null,
    calmAtMs: null,
    closedAtMs: null,
    closedBy: null,
    closeReason: null,
    episodes: [],
  }
}

/** Carries a change out where the store is open. Throws VcError when it cannot be. */
export const changeIncident = async (store: Store, change: IncidentChange, at: Date): Promise<IncidentChanged> => {
  if (change.action === 'open') {
    const incident = await openByHand(store, change, at)
    await write(store, at, 'incidents', [incidentRow(incident, [])])
    return { incident: incident.incidentId, title: incident.title, status: 'open' }
  }
  const row = await incidentNamed(store.db, change.id)
  const answer = { incident: row.incident_id, title: row.title }
  if (change.action === 'note') {
    const note = {
      note_id: randomUUID(),
      incident_id: row.incident_id,
      ts: at,
      author: change.actor,
      body: change.body,
    }
    await write(store, at, 'incident_notes', [note])
    return { ...answer, status: row.status }
  }
  if (row.status === 'closed')
    throw usageError(
      'already_closed',
      `${row.incident_id} was closed at ${row.closed_at} by ${row.closed_by}`,
      'vc incident show',
    )
  const closed = {
    ...incidentOf(row),
    status: 'closed' as const,
    closedAtMs: at.getTime(),
    closedBy: change.actor,
    closeReason: change.reason,
  }
  await write(store, at, 'incidents', [incidentRow(closed, JSON.parse(row.hypotheses_json))])
  return { ...answer, status: 'closed' }
}
