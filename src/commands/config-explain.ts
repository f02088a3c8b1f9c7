import { configSections, defaultText, type KeyInfo, type LoadedConfig, type SectionInfo } from '../config/index.ts'
import { usageError } from '../core/errors.ts'
import { nearestName } from '../core/nearest.ts'

/** A key with what is in force now, where that is one value. */
interface ExplainedKey extends KeyInfo {
  readonly defaultText: string
  /** Undefined where there is no single value (machines, prices) or no readable configuration. */
  readonly now: unknown
}

export interface ExplainedSection {
  readonly header: string
  readonly about: string
  readonly keys: readonly ExplainedKey[]
}

const stepsOf = (path: string): string[] => path.replaceAll('"', '').split('.')

function nowOf(key: KeyInfo, loaded: LoadedConfig | null): unknown {
  if (loaded === null || /^(machines|prices)\b/.test(key.path)) return undefined
  return stepsOf(key.path).reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    loaded.config,
  )
}

const explained = (section: SectionInfo, loaded: LoadedConfig | null, only?: KeyInfo): ExplainedSection => ({
  header: section.header,
  about: section.about,
  keys: (only === undefined ? section.keys : [only]).map((key) => ({
    ...key,
    defaultText: defaultText(key),
    now: nowOf(key, loaded),
  })),
})

/** `prices.openai/gpt-5.input…` and `machines.atlas.ssh` mean the same key for every model and machine. */
const generic = (wanted: string, sections: readonly SectionInfo[]): string[] => {
  const quoted = wanted.replace(/^prices\.(?:"[^"]*"|[^".]*\/.*?)(?=\.[a-z_0-9]+$|$)/, 'prices."provider/model"')
  const named = wanted.replace(/^machines\.[^.]+\./, 'machines.')
  return sections.length === 0 ? [] : [wanted, quoted, named]
}

/**
 * What a key, a section or (without a name) everything means. A bare key name is enough when only one section has it.
 * Throws `unknown_key` with the nearest name.
 */
export function explainConfig(wanted: string | undefined, loaded: LoadedConfig | null): readonly ExplainedSection[] {
  const sections = configSections().filter((section) => wanted !== undefined || !section.path.startsWith('machines.'))
  if (wanted === undefined) return sections.map((section) => explained(section, loaded))
  const name = wanted.replace(/^\[+|\]+$/g, '')
  for (const path of generic(name, sections)) {
    const whole = sections.filter((section) => section.path === path || section.path.startsWith(`${path}.`))
    if (whole.length > 0) return whole.map((section) => explained(section, loaded))
    for (const section of sections) {
      const key = section.keys.find((candidate) => candidate.path === path)
      if (key !== undefined) return [explained(section, loaded, key)]
    }
  }
  const bare = sections.flatMap((section) =>
    section.keys.filter((key) => key.name === name).map((key) => ({ section, key })),
  )
  if (bare.length > 0) return bare.map(({ section, key }) => explained(section, loaded, key))
  const known = sections.flatMap((section) => [section.path, ...section.keys.flatMap((key) => [key.path, key.name])])
  const near = nearestName(name, known)
  throw usageError(
    'unknown_key',
    `vc.toml has no key '${name}'`,
    near === null ? 'see all: vc config explain' : `did you mean: vc config explain ${near}`,
  )
}
