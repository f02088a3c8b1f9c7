// What scripts/kernel.ts compiles: the reading of transcript lines that takes most of a backfill's time.
export { forgetAnswer, lineKind, nextAnswer } from './claude'
export { nextRecord, recordKind } from './codex'
export { isKept, keepText, newReader, read } from './fields'
export { addKey, newTable, reserve } from './keys'
export { lineCount, lineStart, lineStop } from './line'
export { momentAt } from './time'
