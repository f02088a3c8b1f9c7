import { AGENT_ROLES, ROLE_LABELS } from '../../core/agent-role.ts'

const IDS = ['machines', 'agents'] as const
/** Kinds of names that `vc __words` tells. */
export type Asked = (typeof IDS)[number] | 'tags' | 'providers'

/** What stands in a place: names that `vc __words` tells, or words known beforehand. */
export type Values = Asked | readonly string[]

/** What a word of its own may be: of a thing with an id, its id. */
export type WordValues = (typeof IDS)[number] | readonly string[]

/** Words that are known beforehand. */
export interface KnownWords {
  readonly collectors: readonly string[]
  readonly rules: readonly string[]
  /** Of vc.toml: what can be explained, and the keys that can be set. */
  readonly explained: readonly string[]
  readonly keys: readonly string[]
}

// By the name of an option: what is named so is the same thing everywhere.
const BY_NAME: Readonly<Record<string, Asked | 'collectors' | 'rules' | 'roles'>> = {
  '--machine': 'machines',
  '--machines': 'machines',
  '--agent': 'agents',
  '--to': 'agents',
  '--tag': 'tags',
  '--provider': 'providers',
  '--collector': 'collectors',
  '--source': 'collectors',
  '--rule': 'rules',
  '--role': 'roles',
}

/** Roles of machines are free words. */
const NOT_HERE: ReadonlySet<string> = new Set(['machines add --role'])

const ROLES = [...Object.keys(AGENT_ROLES), ...Object.keys(ROLE_LABELS)]

const WORD = '[a-z0-9_]+(?:-[a-z0-9_]+)*'
// `critical, warning or info`, also behind `only`, `only these:` or a clause, and before what stands behind `;` or `:`.
const LISTED = new RegExp(`^(?:only (?:these: )?|[^:;,]*: )?(${WORD}(?:, ?${WORD})*(?:,? or ${WORD})?)(?:[;:].*)?$`)

/** The words a help text lists as values, so that what may be typed is written down once; null: it lists none. */
export const listedWords = (about: string): readonly string[] | null => {
  const words = LISTED.exec(about)?.[1]?.split(/,? or |, ?/) ?? []
  return words.length < 2 ? null : words
}

/** Whether an option takes several of its words with commas between them. */
export const isList = (about: string): boolean => /^only these: |comma-separate/.test(about)

/** What may stand behind an option of a command; null: nothing is known of it. */
export const valuesOf = (path: readonly string[], long: string, about: string, known: KnownWords): Values | null => {
  const named = NOT_HERE.has(`${path.join(' ')} ${long}`) ? undefined : BY_NAME[long]
  if (named === 'collectors') return known.collectors
  if (named === 'rules') return known.rules
  if (named === 'roles') return ROLES
  return named ?? listedWords(about)
}

/** The kind of what an argument is called by. */
export const namedArgument = (name: string, known: KnownWords): WordValues | null =>
  name === 'collector' ? known.collectors : (IDS.find((kind) => kind === `${name}s`) ?? null)

// Where a command prints otherwise than as a table or JSON.
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  robot: ['json', 'toon', 'brief'],
  at: ['table', 'json', 'toon', 'brief'],
  query: ['table', 'json', 'csv', 'jsonl'],
  watch: ['jsonl', 'json'],
  report: ['md', 'json'],
  hooks: ['text', 'json'],
  record: ['text', 'json'],
  'oracle backtest': ['table', 'json', 'jsonl'],
  'config show': ['toml', 'json'],
  'machines show': ['toml', 'json'],
}

/** Formats of a command, where they differ from those of what it belongs to. */
export const formatsOf = (path: readonly string[]): readonly string[] | null =>
  path.length === 0 ? ['table', 'json'] : (FORMATS[path.join(' ')] ?? null)
