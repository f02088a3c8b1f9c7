import { roundPct, roundTo } from './picture.ts'

/** A percentage of a moment: a digit behind the point tells something only near an end. */
export const coarsePct = (value: number | null): number | null =>
  value === null || value < 10 || value > 99 ? roundPct(value) : Math.round(value)

/** Ages are counted in whole seconds: a fraction of the time worked out from one would be made up. */
export const wholeSecond = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z')

export const coarseLoad = (load: number): number => roundTo(load, load < 1 ? 2 : 1) ?? load
