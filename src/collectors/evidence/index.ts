export { type EvidenceTarget, evidenceAsk, queriesOf } from './ask.ts'
export type { DatabaseRows } from './live-state.ts'
export { type EvidenceReading, parseEvidence } from './parse.ts'
export { printableBundle } from './printable.ts'
