// What would turn an answer into a false one when it is passed over: words that say "not", and times that are not read.

const NEGATIONS = new Set(
  'not no none never nothing nobody nowhere without except excluding exclude besides neither nor unless but cannot'.split(
    ' ',
  ),
)

/** The first word that turns a question around, `n't` included; null: none does. */
export const negationIn = (words: readonly string[]): string | null => {
  const at = words.findIndex((word, index) => NEGATIONS.has(word) || (word === 't' && index > 0))
  if (at < 0) return null
  return words[at] === 't' ? `${words[at - 1]}'t` : (words[at] ?? null)
}

const MONTHS =
  'january february march april june july august september october november december jan feb apr jun jul aug sep sept oct nov dec'
const DAYS = 'monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri'
const UNITS =
  'minute minutes hour hours day days week weeks month months quarter quarters year years weekend fortnight decade'
const NAMES = new Set(
  `${MONTHS} ${DAYS} ${UNITS} tomorrow morning noon afternoon evening midnight lunch daily hourly weekly monthly yearly`.split(
    ' ',
  ),
)

const FORMS: readonly RegExp[] = [
  /^\d{1,2}:\d/,
  /^\d{4}-\d{1,2}(?:-|$)/,
  /^\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})?$/,
  /^\d{1,2}\/\d{1,2}$/,
  /^(?:19|20)\d{2}$/,
  /^\d{1,2}(?:st|nd|rd|th)$/,
  /^\d+(?:s|sec|m|min|h|hr|d|w|mo|y)$/,
  /^\d{1,2}(?:am|pm)$/,
]

/** The first of these words that speaks of time; null: none does. */
export const timeIn = (words: readonly string[]): string | null =>
  words.find((word) => NAMES.has(word) || FORMS.some((form) => form.test(word))) ?? null
