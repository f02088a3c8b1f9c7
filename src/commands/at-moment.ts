import { usageError } from '../core/errors.ts'
import { parseMoment } from '../core/moment.ts'

/** The moment a person asked about; one that lies in the future is refused here, before anybody is asked. */
export const askMoment = (text: string, now: Date): Date => {
  const at = parseMoment(text, now)
  if (at.getTime() <= now.getTime()) return at
  throw usageError(
    'bad_time',
    `${at.toISOString()} lies in the future; it is ${now.toISOString()}`,
    'ask for an earlier time',
  )
}
