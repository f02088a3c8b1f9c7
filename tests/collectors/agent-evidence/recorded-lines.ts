import { readFileSync } from 'node:fs'
import type { Sighting } from '../../../src/core/agent.ts'

export type Json = Record<string, unknown>
const linesOf = (name: string): readonly string[] =>
  readFileSync(new URL(`../../fixtures/agent-states/transcripts/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
export const load = (name: string): readonly Json[] => linesOf(name).map((line) => JSON.parse(line) as Json)

/** The reading just before each record that `begins` a turn, and at the end. */
export const turnEnds = (
  records: readonly Json[],
  begins: (record: Json) => boolean,
  read: (records: readonly unknown[]) => Sighting | null,
): readonly (string | undefined)[] => {
  const starts = records.flatMap((record, index) => (begins(record) ? [index] : []))
  return [...starts.slice(1), records.length].map((end) => read(records.slice(0, end))?.says)
}
