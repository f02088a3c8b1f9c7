import { sha256 } from '../core/ids.ts'
import type { Severity } from './rule.ts'

/** An alert as incidents see it. Times are epoch milliseconds. */
export interface IncidentAlert {
  readonly alertId: string
  readonly rule: string
  readonly machineId: string | null
  readonly subject: string
  readonly severity: Severity
  readonly title: string
  readonly firedAtMs: number
  /** Id of the alert that is its cause, where the rules know it. */
  readonly causedBy: string | null
  readonly silenced: boolean
}

/** One time an alert fired; the same alert may fire again another day. */
export interface Episode {
  readonly alertId: string
  readonly firedAtMs: number
}

export interface Incident {
  readonly incidentId: string
  readonly groupKey: string
  readonly machineId: string | null
  readonly title: string
  readonly severity: Severity
  readonly status: 'open' | 'calm' | 'closed'
  readonly openedAtMs: number
  readonly openedBy: string
  readonly lastAlertAtMs: number | null
  readonly calmAtMs: number | null
  readonly closedAtMs: number | null
  readonly closedBy: string | null
  readonly closeReason: string | null
  readonly episodes: readonly Episode[]
}

/** Alerts that fired within this time belong together. */
export const WINDOW_MS = 15 * 60_000
/** An alert joins an incident that was quiet for no longer than this; later it is a new one. */
export const JOIN_MS = 30 * 60_000
/** Warnings that together are an incident; one critical alert is one alone. */
export const WARNINGS = 3
/** An incident nobody closed is closed by vc after a day without any of its alerts. */
export const CALM_CLOSE_MS = 24 * 3_600_000
/** Machines that fall silent within the window are one trouble of the way to them. */
export const SILENT_MACHINES = 3

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 }
const keyOf = (episode: Episode): string => `${episode.alertId}@${episode.firedAtMs}`
const episodeOf = ({ alertId, firedAtMs }: IncidentAlert): Episode => ({ alertId, firedAtMs })

/** Which trouble an alert is part of, by name; alerts of one group are candidates for one incident. */
const groupKeys = (alerts: readonly IncidentAlert[]): ReadonlyMap<IncidentAlert, string> => {
  const silent = alerts.filter((alert) => alert.rule === 'machine_unreachable')
  const together = silent.filter((alert) => {
    const near = silent.filter((other) => Math.abs(other.firedAtMs - alert.firedAtMs) <= WINDOW_MS)
    return new Set(near.map((other) => other.machineId)).size >= SILENT_MACHINES
  })
  const lost = new Set(together.map((alert) => alert.machineId))
  const byId = new Map(alerts.map((alert) => [alert.alertId, alert]))
  return new Map(
    alerts.map((alert) => {
      const cause = (alert.causedBy === null ? undefined : byId.get(alert.causedBy)) ?? alert
      if (cause.machineId !== null && lost.has(cause.machineId)) return [alert, 'network']
      if (cause.machineId !== null) return [alert, `machine:${cause.machineId}`]
      return [alert, /account|limit/.test(cause.rule) ? `account:${cause.subject}` : `fleet:${cause.rule}`]
    }),
  )
}

const opens = (alerts: readonly IncidentAlert[]): boolean => {
  if (alerts.some((alert) => alert.severity === 'critical')) return true
  const warnings = alerts.filter((alert) => alert.severity === 'warning')
  return warnings.some(
    (alert) =>
      warnings.filter((other) => other.firedAtMs >= alert.firedAtMs && other.firedAtMs - alert.firedAtMs <= WINDOW_MS)
        .length >= WARNINGS,
  )
}

const worst = (severities: readonly Severity[]): Severity =>
  severities.reduce((a, b) => (RANK[b] < RANK[a] ? b : a), 'info')

/** The alert that tells the incident best: the worst, of those the first. */
const leading = (alerts: readonly IncidentAlert[]): IncidentAlert | undefined =>
  [...alerts].sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.firedAtMs - b.firedAtMs)[0]

const titleOf = (groupKey: string, alerts: readonly IncidentAlert[]): string => {
  const more = alerts.length > 1 ? `, and ${alerts.length - 1} more` : ''
  if (groupKey === 'network') return `${new Set(alerts.map((a) => a.machineId)).size} machines fell silent together`
  return `${leading(alerts)?.title ?? groupKey}${more}`
}

/** Deterministic, so that a judgement repeated after a crash writes the same incident and not a second one. */
export const incidentId = (groupKey: string, openedAtMs: number): string =>
  `i-${new Date(openedAtMs).toISOString().slice(0, 10).replaceAll('-', '')}-${sha256(`${groupKey}@${openedAtMs}`).slice(0, 6)}`

const openNew = (groupKey: string, alerts: readonly IncidentAlert[]): Incident => {
  const openedAtMs = Math.min(...alerts.map((alert) => alert.firedAtMs))
  const machines = new Set(alerts.map((alert) => alert.machineId))
  return {
    incidentId: incidentId(groupKey, openedAtMs),
    groupKey,
    machineId: machines.size === 1 ? ([...machines][0] ?? null) : null,
    title: titleOf(groupKey, alerts),
    severity: worst(alerts.map((alert) => alert.severity)),
    status: 'open',
    openedAtMs,
    openedBy: 'vc',
    lastAlertAtMs: Math.max(...alerts.map((alert) => alert.firedAtMs)),
    calmAtMs: null,
    closedAtMs: null,
    closedBy: null,
    closeReason: null,
    episodes: [...alerts].sort((a, b) => a.firedAtMs - b.firedAtMs).map(episodeOf),
  }
}

const MORE = /, and \d+ more$/

/** Something worse that joins leads from then on, and how many there are is counted anew. What a person named keeps its name. */
const retitled = (
  { title, openedBy, groupKey, severity, episodes }: Incident,
  alerts: readonly IncidentAlert[],
): string => {
  if (openedBy !== 'vc' || groupKey === 'network') return title
  const first = leading(alerts)
  const leads = first !== undefined && RANK[first.severity] < RANK[severity] ? first.title : title.replace(MORE, '')
  const all = new Set([...episodes, ...alerts].map(({ alertId }) => alertId)).size
  return all > 1 ? `${leads}, and ${all - 1} more` : leads
}

const joined = (incident: Incident, alerts: readonly IncidentAlert[]): Incident => ({
  ...incident,
  title: retitled(incident, alerts),
  severity: worst([incident.severity, ...alerts.map((alert) => alert.severity)]),
  status: 'open',
  calmAtMs: null,
  lastAlertAtMs: Math.max(incident.lastAlertAtMs ?? 0, ...alerts.map((alert) => alert.firedAtMs)),
  episodes: [...incident.episodes, ...[...alerts].sort((a, b) => a.firedAtMs - b.firedAtMs).map(episodeOf)],
})

/** Open while one of its alerts fires, calm after, closed after a day of calm. One a person opened waits for a person. */
const settled = (incident: Incident, firing: ReadonlySet<string>, nowMs: number): Incident => {
  if (incident.status === 'closed' || incident.episodes.length === 0) return incident
  if (incident.episodes.some((episode) => firing.has(keyOf(episode)))) {
    return incident.status === 'open' ? incident : { ...incident, status: 'open', calmAtMs: null }
  }
  if (incident.status === 'open') return { ...incident, status: 'calm', calmAtMs: nowMs }
  const calmMs = nowMs - (incident.calmAtMs ?? nowMs)
  if (calmMs < CALM_CLOSE_MS) return incident
  return { ...incident, status: 'closed', closedAtMs: nowMs, closedBy: 'vc', closeReason: 'calm for a day' }
}

const joins = (incident: Incident, groupKey: string, alert: IncidentAlert): boolean =>
  incident.status !== 'closed' &&
  incident.groupKey === groupKey &&
  (incident.status === 'open' || alert.firedAtMs - (incident.calmAtMs ?? 0) <= JOIN_MS)

/**
 * One step: which incidents there are now, given what fires. Alerts that already belong to an incident, closed ones too, never
 * open another; silenced ones open none. Pure and repeatable: the same rows give the same incidents.
 */
export const judgeIncidents = (
  firing: readonly IncidentAlert[],
  known: readonly Incident[],
  nowMs: number,
): readonly Incident[] => {
  const held = new Set(known.flatMap((incident) => incident.episodes.map(keyOf)))
  const groups = groupKeys(firing)
  const fresh = firing.filter((alert) => !held.has(keyOf(alert)) && !alert.silenced)
  let incidents = [...known]
  for (const [groupKey, alerts] of Map.groupBy(fresh, (alert) => groups.get(alert) ?? '')) {
    const at = incidents.findIndex((incident) => alerts.some((alert) => joins(incident, groupKey, alert)))
    const target = incidents[at]
    if (target) incidents = incidents.with(at, joined(target, alerts))
    else if (opens(alerts)) incidents.push(openNew(groupKey, alerts))
  }
  const fires = new Set(firing.map(keyOf))
  return incidents.map((incident) => settled(incident, fires, nowMs))
}
