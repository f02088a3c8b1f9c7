import { createHash, hash } from 'node:crypto'

/** Ids and targets people may write; nothing that a shell or a path could misread. */
export const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._@:%/-]*$/

/** Stable 32-bit hash of a name, for phases and short ids. */
export const hash32 = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0)

/** Fixed offset of a machine within its base tick: even spread, same after restart. */
export const phaseMs = (machineId: string, baseTickMs: number): number => hash32(machineId) % baseTickMs

/** Content hash for correlation where the content itself may not be kept. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex')
