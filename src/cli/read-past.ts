import { askMoment } from '../commands/at-moment.ts'

/** Reads the value of `--at` in the clock of the person who asks; the daemon may live in another time zone. */
export const readPast = (text: string): string => askMoment(text, new Date()).toISOString()
