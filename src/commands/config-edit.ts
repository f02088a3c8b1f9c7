import {
  type ConfigProblem,
  findConfig,
  homeConfigFile,
  keyPath,
  literalOf,
  parseConfig,
  readOwnFile,
  type Surroundings,
  setKey,
  unsetKey,
  writeConfig,
} from '../config/index.ts'

/** What an edit of one key did. */
export interface KeyEdit {
  readonly file: string
  readonly key: string
  readonly changed: boolean
  /** What lint says of the file as it stands now; errors refuse the edit before it is written. */
  readonly warnings: readonly ConfigProblem[]
}

interface File {
  readonly path: string
  /** Null: there is none yet. */
  readonly text: string | null
}

const openFile = (at: Surroundings, flag: string | undefined): File => {
  const found = findConfig(at, flag)
  return found === null
    ? { path: homeConfigFile(at), text: null }
    : { path: found.path, text: readOwnFile(found.path, at.uid) }
}

/**
 * Sets a key of vc.toml (null: back to its default), everything else of the file as it was. The text is judged before it is
 * written: throws ConfigError with every problem, and the file stays. The previous one is kept as .bak.
 */
export function editConfigKey(at: Surroundings, flag: string | undefined, key: string, value: string | null): KeyEdit {
  const { path: file, text } = openFile(at, flag)
  const before = text ?? ''
  const machines = parseConfig(before, file).config?.machines.map(({ id }) => id) ?? []
  const path = keyPath(key, machines)
  const after = value === null ? unsetKey(before, path) : setKey(before, path, literalOf(path, value))
  const changed = after !== null && after !== before
  const written = changed && after !== null ? writeConfig(file, text, after, at) : file
  const warnings = parseConfig(after ?? before, file).problems
  return { file: written, key, changed, warnings }
}
