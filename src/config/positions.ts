import { type AST, parseTOML } from 'toml-eslint-parser'

export type KeyPath = readonly (string | number)[]

/** Where something stands in the text; offsets in UTF-16 units, lines from 1. */
export interface Place {
  readonly line: number
  /** The whole statement, or the table with its header. */
  readonly start: number
  readonly end: number
  /** The value alone; null for a table. */
  readonly value: { readonly start: number; readonly end: number } | null
}

/** Key path to place, for every table, key and list element of a file that parses; empty for one that does not. */
export type Positions = ReadonlyMap<string, Place>

const id = (path: KeyPath): string => JSON.stringify(path)

const names = (key: AST.TOMLKey): string[] =>
  key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))

const placeOf = (node: AST.TOMLNode, value: AST.TOMLNode | null): Place => ({
  line: node.loc.start.line,
  start: node.range[0],
  end: node.range[1],
  value: value === null ? null : { start: value.range[0], end: value.range[1] },
})

function walkValue(path: KeyPath, node: AST.TOMLContentNode, into: Map<string, Place>): void {
  if (node.type === 'TOMLInlineTable') for (const pair of node.body) walkPair(path, pair, into)
  if (node.type !== 'TOMLArray') return
  for (const [index, element] of node.elements.entries()) {
    into.set(id([...path, index]), placeOf(element, element))
    walkValue([...path, index], element, into)
  }
}

function walkPair(base: KeyPath, pair: AST.TOMLKeyValue, into: Map<string, Place>): void {
  const path = [...base, ...names(pair.key)]
  // A dotted key makes its parents too; the first line that names them stands for them.
  for (let depth = base.length + 1; depth < path.length; depth += 1) {
    const parent = id(path.slice(0, depth))
    if (!into.has(parent)) into.set(parent, placeOf(pair, null))
  }
  if (!into.has(id(path))) into.set(id(path), placeOf(pair, pair.value))
  walkValue(path, pair.value, into)
}

export function positionsOf(text: string): Positions {
  const into = new Map<string, Place>()
  try {
    for (const node of parseTOML(text).body[0].body) {
      if (node.type === 'TOMLKeyValue') {
        walkPair([], node, into)
        continue
      }
      for (let depth = 1; depth <= node.resolvedKey.length; depth += 1) {
        const path = id(node.resolvedKey.slice(0, depth))
        if (!into.has(path)) into.set(path, placeOf(node, null))
      }
      for (const pair of node.body) walkPair(node.resolvedKey, pair, into)
    }
  } catch {
    // The parser that judges the file has already said what is wrong with it.
  }
  return into
}

export const placeAt = (positions: Positions, path: KeyPath): Place | undefined => positions.get(id(path))

/** Line of the key, else of the nearest thing around it that stands in the file. */
export function lineAt(positions: Positions, path: KeyPath): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const found = positions.get(id(path.slice(0, depth)))
    if (found !== undefined) return found.line
  }
  return null
}
