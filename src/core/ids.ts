import { createHash, hash } from 'node:crypto'

/** Ids and targets people may write; nothing that a shell or a path could misread. */
export const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._@:%/-]*$/

/** Stable 32-bit hash of a name, for phases and short ids. */
export const hash32 = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0)

/** Machines set out in companies, so that what they bring is committed together: one company in each such step. */
const COMPANY_MS = 2_000
/** Within a company they set out one after the other over this long. */
const SETTING_OUT_MS = 200

/** Fixed offset of a machine within its base tick: even spread over the steps of it, same after restart. */
export const phaseMs = (machineId: string, baseTickMs: number): number => {
  const hash = hash32(machineId)
  const steps = Math.max(1, Math.floor(baseTickMs / COMPANY_MS))
  const stepMs = baseTickMs / steps
  return Math.floor((hash % steps) * stepMs) + (Math.floor(hash / steps) % Math.min(SETTING_OUT_MS, baseTickMs))
}

/** Content hash for correlation where the content itself may not be kept. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex')
