import { distance } from 'fastest-levenshtein'

/** The known name a person most likely meant, or null when nothing is near enough to be worth saying. */
export const nearestName = (typed: string, known: Iterable<string>): string | null => {
  const wanted = typed.toLowerCase()
  let best: { readonly name: string; readonly score: number } | null = null
  for (const name of known) {
    const candidate = name.toLowerCase()
    const score = candidate.startsWith(wanted) && wanted.length > 1 ? 0.5 : distance(wanted, candidate)
    if (best === null || score < best.score) best = { name, score }
  }
  return best !== null && best.score <= Math.max(1, wanted.length * 0.4) ? best.name : null
}

/** `did you mean X?` or, when nothing is near, the whole list. */
export const suggestName = (typed: string, known: readonly string[]): string => {
  const nearest = nearestName(typed, known)
  if (nearest !== null) return `did you mean '${nearest}'?`
  return known.length === 0 ? 'there are none' : `known: ${known.join(', ')}`
}
