import type { Reply } from '../core/carrier.ts'
import { usageError } from '../core/errors.ts'
import { jsonText } from '../core/text.ts'
import { brief } from './brief.ts'
import { envelopeOf } from './envelope.ts'
import { toonText } from './toon.ts'

export const FORMATS = ['json', 'toon', 'brief'] as const
export type Format = (typeof FORMATS)[number]

export const parseFormat = (text: string): Format => {
  const found = FORMATS.find((format) => format === text)
  if (found) return found
  throw usageError('unknown_format', `robot answers have no format “${text}”`, `--format ${FORMATS.join('|')}`)
}

/** The whole of stdout for one answer, with its closing newline. */
export const render = (reply: Reply, format: Format): string => {
  if (format === 'brief') return `${brief(reply)}\n`
  const envelope = envelopeOf(reply)
  return format === 'toon' ? `${toonText(envelope)}\n` : `${jsonText(envelope)}\n`
}

/** True when something this answer rests on is older than it may be: what `--require-fresh` turns into exit 3. */
export const isStale = (reply: Reply): boolean => {
  const warned = (reply.warnings ?? []).some((text) =>
    /^(offline|never_reached|first_look|not_looked_yet|stale|state_file|partial)\b/.test(text),
  )
  return warned || reply.notLoaded !== undefined || staleMachines(reply.data)
}

const staleMachines = (data: unknown): boolean => {
  if (typeof data !== 'object' || data === null) return false
  const machines = (data as { machines?: unknown }).machines
  if (!Array.isArray(machines)) return false
  return machines.some(
    (m: { status?: unknown; stale?: unknown }) => m.stale === true || m.status === 'offline' || m.status === 'unknown',
  )
}
