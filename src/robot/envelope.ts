import type { Reply } from '../core/carrier.ts'

/** The published envelope: exactly these members, no others. */
export interface Envelope {
  readonly schema_version: string
  readonly generated_at: string
  readonly data: unknown
  readonly staleness?: Readonly<Record<string, number>>
  readonly warnings?: readonly string[]
}

/** Schema ids are lower-case letters by contract, so compound topics lose their separators. */
export const schemaVersion = (topic: string, version: number): string =>
  `vc.robot.${topic.toLowerCase().replace(/[^a-z]/g, '')}.v${version}`

export const envelopeOf = (reply: Reply): Envelope => ({
  schema_version: schemaVersion(reply.topic, reply.version),
  generated_at: reply.generatedAt,
  data: reply.data,
  ...(reply.staleness ? { staleness: reply.staleness } : {}),
  ...(reply.warnings?.length ? { warnings: reply.warnings } : {}),
})
