import type * as z from 'zod'
import { displayText } from '../core/text.ts'
import type { incidents } from '../queries/incidents.ts'

export type IncidentDetail = NonNullable<z.output<(typeof incidents)['data']>['detail']>

const MARKUP = /[\\`*_{}[\]<>#|]/g
/** Text of machines and people as Markdown shows it, letter by letter. */
const plain = (text: string): string => displayText(text, 2_000).replace(MARKUP, '\\$&')

const minute = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`

/** `+00:05`, `-12:40`, `+3:05:00` against the time it opened. */
export const offsetWords = (seconds: number): string => {
  const all = Math.abs(seconds)
  const pad = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(all / 3600)
  const rest = `${pad(Math.floor((all % 3600) / 60))}:${pad(all % 60)}`
  return `${seconds < 0 ? '-' : '+'}${hours > 0 ? `${hours}:` : ''}${rest}`
}

const head = ({ incident }: IncidentDetail): string[] => [
  `# ${plain(incident.title)}`,
  '',
  `| | |`,
  `| --- | --- |`,
  `| Incident | ${incident.incident} |`,
  `| Severity | ${incident.severity} |`,
  `| Status | ${incident.status} |`,
  `| Machine | ${plain(incident.machine ?? 'no one machine')} |`,
  `| Opened | ${minute(incident.opened_at)} by ${plain(incident.opened_by)} |`,
  ...(incident.calm_at === null ? [] : [`| Calm since | ${minute(incident.calm_at)} |`]),
  ...(incident.closed_at === null
    ? []
    : [
        `| Closed | ${minute(incident.closed_at)} by ${plain(incident.closed_by ?? '?')}: ${plain(incident.close_reason ?? 'no reason given')} |`,
      ]),
]

const section = (title: string, lines: readonly string[], none: string): string[] => [
  '',
  `## ${title}`,
  '',
  ...(lines.length > 0 ? lines : [none]),
]

/** One incident as a page to hand on. */
export const incidentMarkdown = (detail: IncidentDetail): string =>
  [
    ...head(detail),
    ...section(
      'Likely causes',
      detail.hypotheses.flatMap((one, at) => [
        `${at + 1}. **${plain(one.title)}** (${one.cause}, ${one.score.toFixed(2)})`,
        ...one.reasons.map((reason) => `   - ${plain(reason)}`),
        `   - look: \`${one.look.replaceAll('`', '')}\``,
      ]),
      'Nothing vc knows speaks for any cause.',
    ),
    ...section(
      'Alerts',
      detail.alerts.map(
        (alert) =>
          `- ${minute(alert.fired_at)} ${alert.severity} ${plain(alert.title)} (${plain(alert.rule)}; ${alert.resolved_at === null ? alert.status : `resolved ${minute(alert.resolved_at)}`}; ${plain(JSON.stringify(alert.evidence))})`,
      ),
      'None: a person opened it.',
    ),
    ...section(
      'Timeline',
      detail.timeline.map(
        (event) =>
          `- ${minute(event.ts)} (${offsetWords(event.offset_s)}) ${event.kind} ${event.machine === null ? '' : `${plain(event.machine)}: `}${plain(event.text)} → ${plain(event.change)}`,
      ),
      'vc saw nothing else in that time.',
    ),
    ...section(
      'Notes',
      detail.notes.map((note) => `- ${minute(note.ts)} ${plain(note.author)}: ${plain(note.body)}`),
      'None.',
    ),
    '',
  ].join('\n')
