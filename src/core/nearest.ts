import { distance } from 'fastest-levenshtein'

/** Two letters beside each other that changed places are one slip, not two. */
const isSwap = (a: string, b: string): boolean => {
  const at = [...a].findIndex((letter, index) => letter !== b[index])
  return at >= 0 && a.slice(0, at) + a.charAt(at + 1) + a.charAt(at) + a.slice(at + 2) === b
}

const slips = (a: string, b: string): number => (isSwap(a, b) ? 1 : distance(a, b))

/** The known name a person most likely meant, or null when nothing is near enough to be worth saying. */
export const nearestName = (typed: string, known: Iterable<string>): string | null => {
  const wanted = typed.toLowerCase()
  let best: { readonly name: string; readonly score: number } | null = null
  for (const name of known) {
    const candidate = name.toLowerCase()
    const score = candidate.startsWith(wanted) && wanted.length > 1 ? 0.5 : slips(wanted, candidate)
    if (best === null || score < best.score) best = { name, score }
  }
  return best !== null && best.score <= Math.max(1, wanted.length * 0.4) ? best.name : null
}

/** So many names stand in a sentence. */
export const LISTED = 24

/** The names in a sentence; a long list is cut and says how many there are, `total` where these are not all. */
export const nameList = (names: readonly string[], total = names.length): string =>
  names.length <= LISTED && total === names.length
    ? names.join(', ') || 'none'
    : `${names.slice(0, LISTED).join(', ')} and ${total - Math.min(LISTED, names.length)} more`

/** `did you mean X?` or, when nothing is near, the whole list. */
export const suggestName = (typed: string, known: readonly string[], total?: number): string => {
  const nearest = nearestName(typed, known)
  if (nearest !== null) return `did you mean '${nearest}'?`
  return known.length === 0 ? 'there are none' : `known: ${nameList(known, total)}`
}
