import { parse as parseToml } from 'smol-toml'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { type JsonObject, objectOf } from '../foreign-json.ts'

export type Cli = 'claude' | 'codex' | 'gemini' | 'opencode'
export type Level = 'default' | 'global' | 'project' | 'local'

/** Settings of one file that hold for one project, or for all (`''`); values are shapes, see mask-awk.ts. */
export interface SettingsDoc {
  readonly project: string
  readonly tree: JsonObject
}

export interface SettingsFile {
  readonly cli: Cli
  readonly level: Level
  /** '' = everywhere. */
  readonly project: string
  readonly path: string
  readonly state: 'ok' | 'broken' | 'denied' | 'linked' | 'too_large' | 'foreign'
  readonly detail: string | null
  readonly bytes: number | null
  readonly modifiedS: number | null
  readonly docs: readonly SettingsDoc[]
}

export type SettingsParse =
  | { readonly is: 'no_begin' | 'no_awk' }
  | { readonly is: 'files'; readonly files: readonly SettingsFile[]; readonly complete: boolean }

/** Cuts the answer by its own nonce; a file that is broken is its own row. Never throws. */
export const parseSettings = (stdout: Uint8Array): SettingsParse => {
  const text = decodeUtf8(stdout)
  const nonce = /^vc-settings 1 ([0-9a-f]{16})\n/.exec(text)?.[1]
  if (nonce === undefined) return { is: 'no_begin' }
  const parts = text.split(`\u001e${nonce} `).slice(1)
  if (parts.at(-1) === 'noawk') return { is: 'no_awk' }
  const complete = parts.at(-1) === 'end'
  const files = (complete ? parts.slice(0, -1) : parts).map((part) => fileOf(part.split(`\u001f${nonce}`)))
  return { is: 'files', files: files.filter((file) => file !== null), complete }
}

const CLIS: ReadonlySet<string> = new Set(['claude', 'codex', 'gemini', 'opencode'])
const LEVELS: ReadonlySet<string> = new Set(['default', 'global', 'project', 'local'])
const STATES: ReadonlySet<string> = new Set(['ok', 'denied', 'linked', 'too_large', 'foreign'])

const fileOf = ([kind, ...fields]: readonly string[]): SettingsFile | null => {
  const [cli = '', level = '', project = '', path = '', mode = '', state = '', bytes, modified, ...texts] = fields
  if (kind !== 'F' || !CLIS.has(cli) || !LEVELS.has(level) || !STATES.has(state) || path === '') return null
  const file = {
    cli: cli as Cli,
    level: level as Level,
    project,
    path,
    bytes: wholeOf(bytes),
    modifiedS: wholeOf(modified),
  }
  if (state !== 'ok') return { ...file, state: state as SettingsFile['state'], detail: null, docs: [] }
  try {
    return { ...file, state: 'ok', detail: null, docs: docsOf(texts, mode, project) }
  } catch (error) {
    return { ...file, state: 'broken', detail: whyOf(error, mode), docs: [] }
  }
}

const wholeOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null

class Broken extends Error {}

// The reasons of the parsers quote what they read; the masked text is harmless, but no help to anyone.
const whyOf = (error: unknown, mode: string): string => {
  if (error instanceof Broken) return error.message
  const line = /line (\d+)/i.exec(error instanceof Error ? error.message : '')?.[1]
  return `no valid ${mode === 'toml' ? 'TOML' : 'JSON'}${line === undefined ? '' : ` (near line ${line})`}`
}

const docsOf = (texts: readonly string[], mode: string, project: string): readonly SettingsDoc[] => {
  const pairs = texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1] ?? '!'] as const] : []))
  return pairs.map(([key, text]) => {
    const own = key === '' ? project : String(JSON.parse(`"${key}"`))
    return { project: own, tree: treeOf(text, mode) }
  })
}

const MAX_DEPTH = 64

const treeOf = (text: string, mode: string): JsonObject => {
  if (text.endsWith('!')) throw new Broken(`no valid ${mode === 'toml' ? 'TOML' : 'JSON'}`)
  if (mode !== 'toml' && text.trim() === '') return {}
  // masked values hold no brackets after commas, so a comma before one is the trailing comma that JSONC allows
  const tree =
    mode === 'toml' ? parseToml(text, { maxDepth: MAX_DEPTH }) : JSON.parse(text.replace(/,(\s*[}\]])/g, '$1'))
  const root = objectOf(tree)
  if (root === null) throw new Broken('settings are no object')
  return root
}

/** What a shape says. `text`: kept as it was; `program`, `host`, `tool`: the harmless part; `hash`: changes when the value does. */
export interface Shape {
  readonly text: string | null
  readonly program: string | null
  readonly host: string | null
  readonly tool: string | null
  readonly hash: string | null
  readonly length: number | null
}

const NO_SHAPE: Shape = { text: null, program: null, host: null, tool: null, hash: null, length: null }

/** The shape of a masked value; null for lists and objects. */
export const shapeOf = (value: unknown): Shape | null => {
  if (typeof value === 'boolean' || typeof value === 'number' || value === null)
    return { ...NO_SHAPE, text: String(value) }
  if (typeof value !== 'string') return null
  const [, length, hash] = /#(\d{1,9})(?::([0-9a-f]{12}))?$/.exec(value) ?? []
  const measure = { hash: hash ?? null, length: length === undefined ? null : Number(length) }
  const rest = displayText(value.slice(1).replace(/#\d{1,9}(:[0-9a-f]{12})?$/, ''), 200)
  if (value.startsWith('=')) return { ...NO_SHAPE, text: displayText(value.slice(1), 100) }
  if (value.startsWith('@')) return { ...NO_SHAPE, host: rest }
  if (value.startsWith('$')) return { ...NO_SHAPE, ...measure, program: rest }
  if (value.startsWith('%')) return { ...NO_SHAPE, ...measure, tool: rest }
  return value.startsWith('#') ? { ...NO_SHAPE, ...measure } : NO_SHAPE
}
