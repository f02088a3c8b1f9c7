import { userInfo } from 'node:os'
import { displayText } from '../core/text.ts'
import type { OwnChange } from '../store/index.ts'

/** Something a person did to the trust in a machine; kept for ever. */
export interface SecurityEvent {
  readonly machineId: string
  readonly kind: 'trust'
  readonly detail: string
}

const actor = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** The row of `security_events`, ready for `store.write`. */
export const securityEventChange = (event: SecurityEvent, now: Date): OwnChange => ({
  machineId: event.machineId,
  source: 'security',
  at: now,
  batches: [
    {
      table: 'security_events',
      rows: [{ kind: event.kind, detail: displayText(event.detail, 500), actor: actor() }],
    },
  ],
})
