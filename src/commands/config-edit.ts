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
import { usageError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { explainConfig } from './config-explain.ts'

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

/** What lint says to write, as the command that writes it. */
const asCommand = (key: string, fix: string): string => {
  const {
    how,
    literal = '',
    more = '',
  } = /^(?<how>write|for example): \S+ = (?<literal>.+?)(?<more> \(.*\))?$/.exec(fix)?.groups ?? {}
  if (how === undefined) return fix
  return `${how === 'write' ? 'write it as' : 'for example'}: vc config set ${shellWord(key)} ${shellWord(literal.replace(/^"([\w/~.-]+)"$/, '$1'))}${more}`
}

// What only the edit would bring into the file stands there in no line yet: it is told of the key.
function refuseFresh(key: string, before: readonly ConfigProblem[], after: readonly ConfigProblem[]): void {
  const old = new Set(before.map(({ message }) => message))
  const fresh = after.find(({ severity, message }) => severity === 'error' && !old.has(message))
  if (fresh === undefined) return
  throw usageError(fresh.code, `nothing was written: ${fresh.message}`, asCommand(key, fresh.fix))
}

/**
 * Sets a key of vc.toml (null: back to its default), everything else of the file as it was. The text is judged before it is
 * written: throws a usage error for what the edit would make wrong, a ConfigError for what is wrong already; the file stays. The previous one is kept as .bak.
 */
export function editConfigKey(at: Surroundings, flag: string | undefined, key: string, value: string | null): KeyEdit {
  const { path: file, text } = openFile(at, flag)
  const before = text ?? ''
  const { config, problems } = parseConfig(before, file)
  const machines = config?.machines.map(({ id }) => id) ?? []
  const path = keyPath(key, machines)
  const after = value === null ? unsetKey(before, path) : setKey(before, path, literalOf(path, value))
  // Nothing to take out: of a key that there is nowhere, that would look like having done it.
  if (after === null) explainConfig(key, null)
  const changed = after !== null && after !== before
  const warnings = parseConfig(after ?? before, file).problems
  refuseFresh(key, problems, warnings)
  const written = changed && after !== null ? writeConfig(file, text, after, at) : file
  return { file: written, key, changed, warnings }
}
