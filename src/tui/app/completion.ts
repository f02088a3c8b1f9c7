import type { CommandNode } from '../ports.ts'

/** A word that may stand where one is typing. */
export interface Offer {
  readonly word: string
  readonly about: string
}

/** Ids the fleet knows. */
export interface KnownIds {
  readonly machines: readonly string[]
  readonly agents: readonly string[]
}

const nodeAt = (root: CommandNode, words: readonly string[]): { readonly node: CommandNode; readonly rest: number } => {
  let node = root
  let rest = 0
  for (const word of words) {
    const child = node.children.find((one) => one.name === word)
    if (child === undefined || rest > 0) {
      if (!word.startsWith('-')) rest += 1
    } else node = child
  }
  return { node, rest }
}

const valuesOf = (values: CommandNode['values'], known: KnownIds): readonly string[] =>
  values === null ? [] : values === 'machines' ? known.machines : values === 'agents' ? known.agents : values

const MOST = 200

/** What may follow: sub-commands, ids and words of its argument, options once a dash is typed. Words before `last` are complete. */
export const offers = (
  root: CommandNode,
  before: readonly string[],
  last: string,
  known: KnownIds,
): readonly Offer[] => {
  const { node, rest } = nodeAt(root, before)
  const options = node.options.flatMap(({ flags, about }) => flags.map((word) => ({ word, about })))
  if (last.startsWith('-'))
    return options.filter(({ word }) => word.startsWith(last) && word.startsWith('--')).slice(0, MOST)
  if (rest > 0) return []
  const children = node.children.map(({ name, about }) => ({ word: name, about }))
  const values = valuesOf(node.values, known).map((word) => ({ word, about: '' }))
  const all = [...children, ...values]
  const wanted = last.toLowerCase()
  const begins = all.filter(({ word }) => word.toLowerCase().startsWith(wanted))
  const within = all.filter(({ word }) => !word.toLowerCase().startsWith(wanted) && word.toLowerCase().includes(wanted))
  const told = all.filter(
    ({ word, about }) =>
      !word.toLowerCase().includes(wanted) && wanted.length > 2 && about.toLowerCase().includes(wanted),
  )
  return [...begins, ...within, ...told].slice(0, MOST)
}
