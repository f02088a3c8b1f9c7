import { AGENT_CLIS } from '../core/agent.ts'
import { nearestName } from '../core/nearest.ts'

/** Names a question may speak of, by kind. */
export interface KnownNames {
  readonly machine: readonly string[]
  readonly agent: readonly string[]
  readonly account: readonly string[]
  readonly repo: readonly string[]
}

export type NameKind = keyof KnownNames

export interface Named {
  /** `model` and `cli`: what sums can be told by besides. */
  readonly kind: NameKind | 'model' | 'cli'
  readonly name: string
  /** The word of the question it was read from. */
  readonly word: string
}

const KINDS: readonly NameKind[] = ['machine', 'agent', 'account', 'repo']

/** Besides the whole name: `claude-7k2m` for `atlas/claude-7k2m`, and what stands before the @ of an account. */
const shortNames = (kind: NameKind, name: string): readonly string[] => {
  if (kind === 'agent') return [name, name.slice(name.indexOf('/') + 1)]
  return kind === 'account' && name.includes('@') ? [name, name.slice(0, name.indexOf('@'))] : [name]
}

/** The one thing a word names, by kind; a short name that several share names none. */
export const namedBy = (word: string, known: KnownNames): readonly Named[] =>
  KINDS.flatMap((kind) => {
    const hits = known[kind].filter((name) => shortNames(kind, name).some((one) => one.toLowerCase() === word))
    const [name] = new Set(hits)
    return name !== undefined && new Set(hits).size === 1 ? [{ kind, name, word }] : []
  })

/** The model or CLI that a word names, as sums are told by them. */
export const summedBy = (word: string, models: readonly string[]): readonly Named[] => {
  const cli = AGENT_CLIS.find((name) => name === word)
  if (cli !== undefined) return [{ kind: 'cli', name: cli, word }]
  const model = models.find((name) => name.toLowerCase() === word)
  return model === undefined ? [] : [{ kind: 'model', name: model, word }]
}

export interface Guess {
  readonly word: string
  readonly kind: NameKind
  readonly name: string
}

/** Two neighbouring letters in each other's place are one slip, though they are two changes. */
const transposed = (word: string): readonly string[] =>
  Array.from(
    { length: word.length - 1 },
    (_, at) => `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`,
  )

/** What a word that names nothing may have been meant to name. */
export const nearBy = (word: string, known: KnownNames, kinds: readonly NameKind[] = KINDS): Guess | null => {
  if (word.length < 3) return null
  for (const kind of kinds) {
    const names = known[kind].flatMap((name) => shortNames(kind, name))
    const slip = names.find((name) => transposed(word).includes(name.toLowerCase()))
    const near = slip ?? nearestName(word, names)
    const name = near === null ? undefined : known[kind].find((one) => shortNames(kind, one).includes(near))
    if (name !== undefined) return { word, kind, name }
  }
  return null
}
