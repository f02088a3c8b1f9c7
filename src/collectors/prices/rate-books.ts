import type { FoundRates } from './rates.ts'

type Book<Found> = Map<number, Found | null>
type Look<Found> = (provider: string, model: string, ts: Date) => Found | null

const DAY_MS = 86_400_000
// Names and times come from transcripts: a hostile file may hold millions. Beyond this the books start again.
const MOST_KEPT = 20_000
/** Slot of an answer that holds on every day. */
const ANY_DAY = Number.NaN

/** Asks `look` once for as long as its answer holds: thousands of messages of a few models are priced one after the other. */
export const rateBooks = <Found extends Pick<FoundRates, 'holds'>>(look: Look<Found>): Look<Found> => {
  const byProvider = new Map<string, Map<string, Book<Found>>>()
  let kept = 0

  const open = (provider: string, model: string): Book<Found> => {
    kept += 1
    const book: Book<Found> = new Map()
    const ofProvider = byProvider.get(provider) ?? new Map<string, Book<Found>>()
    byProvider.set(provider, ofProvider.set(model, book))
    return book
  }

  return (provider, model, ts) => {
    const book = byProvider.get(provider)?.get(model) ?? open(provider, model)
    const day = Math.floor(ts.getTime() / DAY_MS)
    const always = book.get(ANY_DAY)
    const known = always === undefined ? book.get(day) : always
    if (known !== undefined) return known
    const found = look(provider, model, ts)
    if (found?.holds !== 'moment') book.set(found?.holds === 'day' ? day : ANY_DAY, found)
    kept += 1
    if (kept >= MOST_KEPT) {
      byProvider.clear()
      kept = 0
    }
    return found
  }
}
