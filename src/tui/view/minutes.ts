import { ageWords } from './age.ts'
import { UNKNOWN } from './numbers.ts'

/** A span given in minutes: `42 m`, `3 h`; null is `?`. */
export const minutesWords = (minutes: number | null): string => (minutes === null ? UNKNOWN : ageWords(minutes * 60))
