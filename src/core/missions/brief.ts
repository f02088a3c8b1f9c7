import { quotedText } from '../quoted-text.ts'
import { displayText } from '../text.ts'
import type { Mission } from './mission.ts'

export interface MissionText {
  readonly kind: string
  readonly author: string
  readonly body: string
}

/** Enough for a task; what is longer belongs into a file that the mission names. */
const CAPS = { maxChars: 16_000, maxLines: 400 }

/**
 * A claimed mission as it is handed to an agent: what vc says of it, and what others wrote, fenced as quoted data with its
 * origin. The quotes cannot end themselves, so nothing in them is read as a line of vc.
 */
export const missionBrief = (mission: Mission, texts: readonly MissionText[]): string => {
  const { missionId, eventType, type, lane, priority, title, createdBy, claim } = mission
  const kind = eventType === null ? 'mission' : 'event'
  const quote = (what: string, author: string, body: string): string =>
    quotedText(body, { kind, id: `${missionId} ${what}`, author }, CAPS)
  const proof = claim === null ? '' : ` --claim ${claim.claimId}`
  const [verb, failing] = kind === 'event' ? ['vc event done', '--failed'] : ['vc mission complete', '']
  return [
    `${kind} ${missionId}: ${eventType ?? type}, lane ${lane}, priority ${priority}; given by ${displayText(createdBy, 64)}`,
    quote('title', createdBy, title),
    ...texts.map((text) => quote(displayText(text.kind, 32), text.author, text.body)),
    `when it is done: ${verb} ${missionId}${proof}`,
    failing === ''
      ? `when it cannot be done: vc mission fail ${missionId}${proof}; while you work: vc mission heartbeat ${missionId}${proof}`
      : `when it cannot be done: ${verb} ${missionId}${proof} ${failing}`,
  ].join('\n')
}
