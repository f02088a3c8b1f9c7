import { type KeySchema, keySchema, typeWords, whenSet } from './describe.ts'

/** One key of vc.toml as documentation sees it. */
export interface KeyInfo {
  /** `polling.max_connections`, `machines.ssh`, `prices."provider/model".input_usd_per_mtok`. */
  readonly path: string
  readonly name: string
  readonly type: string
  /** Null: unset by default. Undefined: the key must be given. */
  readonly default: unknown
  readonly about: string
}

export interface SectionInfo {
  /** As its header is written: `[polling]`, `[[machines]]`. */
  readonly header: string
  readonly path: string
  readonly about: string
  readonly keys: readonly KeyInfo[]
}

const isSection = (schema: KeySchema): boolean => whenSet(schema).properties !== undefined

const keysOf = (schema: KeySchema, path: string): KeyInfo[] =>
  Object.entries(whenSet(schema).properties ?? {})
    .filter(([, value]) => !isSection(value))
    .map(([name, value]) => ({
      path: `${path}.${name}`,
      name,
      type: typeWords(value),
      default: value.default,
      about: value.description ?? '',
    }))

const sectionOf = (schema: KeySchema, path: string, header = `[${path}]`): SectionInfo => ({
  header,
  path,
  about: schema.description ?? whenSet(schema).description ?? '',
  keys: keysOf(schema, path),
})

function sectionsOf(name: string, schema: KeySchema): SectionInfo[] {
  const here = whenSet(schema)
  if (here.type === 'array' && here.items !== undefined) {
    const each = here.items.properties?.collectors
    const overrides = Object.entries(each?.properties ?? {}).map(([collector, inner]) =>
      sectionOf(inner, `${name}.collectors.${collector}`),
    )
    return [{ ...sectionOf(here.items, name, `[[${name}]]`), about: schema.description ?? '' }, ...overrides]
  }
  if (name === 'collectors') {
    return Object.entries(here.properties ?? {}).map(([collector, inner]) => sectionOf(inner, `${name}.${collector}`))
  }
  if (typeof here.additionalProperties === 'object' && here.additionalProperties.properties !== undefined) {
    return [{ ...sectionOf(here.additionalProperties, `${name}."provider/model"`), about: schema.description ?? '' }]
  }
  const blocks = blocksOf(here, name)
  const own = sectionOf(schema, name)
  const keys = own.keys.filter((key) => blocks.every((block) => block.path !== key.path))
  return [{ ...own, keys }, ...blocks]
}

/** Lists of blocks inside a section, such as `[[alerts.channels]]`. */
const blocksOf = (section: KeySchema, path: string): SectionInfo[] =>
  Object.entries(section.properties ?? {})
    .filter(([, value]) => whenSet(value).items?.properties !== undefined)
    .map(([name, value]) => {
      const { items } = whenSet(value)
      const block = `${path}.${name}`
      return { ...sectionOf(items ?? {}, block, `[[${block}]]`), about: value.description ?? '' }
    })

let cached: readonly SectionInfo[] | null = null

/** Every section in the order of the schema. */
export const configSections = (): readonly SectionInfo[] => {
  cached ??= Object.entries(keySchema().properties ?? {}).flatMap(([name, schema]) => sectionsOf(name, schema))
  return cached
}

export const defaultText = (key: KeyInfo): string => {
  if (key.default === undefined) return 'must be given'
  return key.default === null ? 'unset' : JSON.stringify(key.default)
}
