import type { Sighting } from '../../core/agent.ts'
import { asArray, asObject, asText, dateOfMs, isObject } from './json.ts'
import { sighting } from './sighting.ts'

const VERSION = '1.18'

/** Answers of an opt-in OpenCode server; a member that was not asked or answered with an error is `undefined`. */
export interface OpencodeAnswers {
  readonly status: unknown
  readonly permission: unknown
  readonly question: unknown
}

const LIMIT = /rate limit|usage limit|quota|too many requests|\b429\b/i

const asks = (answer: unknown, ids: ReadonlySet<string>): boolean =>
  asArray(answer).some((item) => ids.has(asText(asObject(item).sessionID) ?? ''))

/** State of one session (with its child sessions) by `/permission`, `/question` and `/session/status`, in that order. */
export function readOpencodeServer(
  answers: OpencodeAnswers,
  sessionIds: readonly string[],
  seenAt: Date,
): Sighting | null {
  const base = { tier: 'live', version: VERSION, asOf: seenAt, seenAt } as const
  const ids = new Set(sessionIds)
  if (asks(answers.permission, ids))
    return sighting({ ...base, source: 'opencode.permission', says: 'needs_approval', rule: 'asked' })
  if (asks(answers.question, ids))
    return sighting({ ...base, source: 'opencode.question', says: 'asked_question', rule: 'asked' })
  if (!isObject(answers.status)) return null
  const status = answers.status
  const source = 'opencode.status'
  const [own, ...children] = sessionIds.map((id) => asObject(status[id]))
  if (own?.type === 'retry') {
    const limited = LIMIT.test(asText(own.message) ?? '')
    const until = limited ? dateOfMs(own.next) : null
    return sighting({
      ...base,
      source,
      says: limited ? 'rate_limited' : 'working',
      rule: 'retry',
      until,
      reason: 'retrying',
    })
  }
  if (own?.type === 'busy') return sighting({ ...base, source, says: 'working', rule: 'busy' })
  const child = children.some((entry) => entry.type === 'busy' || entry.type === 'retry')
  return child ? sighting({ ...base, source, says: 'working', rule: 'child', reason: 'background: sub-agent' }) : null
}
