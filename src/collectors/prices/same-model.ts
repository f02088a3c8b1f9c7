import type { MatchLogic } from '@pydantic/genai-prices'

/** One release, preview or manner of a model: what may stand behind its name without making it another, dearer or cheaper one. */
const MANNER =
  /^(?:(?:\d{8}|\d{6}|\d{4}-\d\d-\d\d|\d\d-\d\d|\d\d-\d{4}|\d{3,4}|0|v\d+(?:-\d+)?|latest|preview|exp|experimental|thinking|customtools)(?:-|$))*$/

/** What follows the known name; where that ends inside a word, with the whole of this word. */
const tailOf = (name: string, known: string, at: number): string => {
  const end = at + known.length
  const cut = /[a-z0-9]$/.test(known) && /^[a-z0-9]/.test(name.slice(end)) ? (/[a-z0-9]+$/.exec(known)?.[0] ?? '') : ''
  return `${cut}${name.slice(end)}`.replaceAll(/[@:.]/g, '-').replace(/^-/, '')
}

const goesOn = (name: string, known: string): boolean => {
  const at = name.indexOf(known)
  // A name that ends in a dash or `ft:` stands for all that follows.
  return at >= 0 && (/[^a-z0-9]$/.test(known) || known.startsWith('ft:') || MANNER.test(tailOf(name, known, at)))
}

/**
 * Whether a rule of the price data means this very model. Many of them take all names that begin alike, and so
 * `claude-sonnet-5-5` for `claude-sonnet-5`: such a price would be a guess.
 */
export const isSameModel = (rule: MatchLogic, model: string): boolean => {
  const name = model.toLowerCase()
  if ('or' in rule) return rule.or.some((one) => isSameModel(one, model))
  if ('and' in rule) return rule.and.every((one) => isSameModel(one, model))
  if ('equals' in rule) return name === rule.equals.toLowerCase()
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase())
  if ('regex' in rule) return new RegExp(rule.regex).test(model)
  if ('contains' in rule) return goesOn(name, rule.contains.toLowerCase())
  return name.startsWith(rule.starts_with.toLowerCase()) && goesOn(name, rule.starts_with.toLowerCase())
}
