import { bytesOf, counterOf, pathOf } from './decode.ts'
import type { ToolReading } from './reading.ts'

const MAX_TOOLS = 200

/** The `tool` and `toolstat` sections: a name without a row is absent. Null when either did not arrive. */
export const readTools = (
  sections: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, ToolReading> | null => {
  const [found, stats] = [sections.get('tool'), sections.get('toolstat')]
  if (found === undefined || stats === undefined) return null
  const byPath = new Map(stats.map((line) => fingerprint(line)))
  const tools = new Map<string, ToolReading>()
  for (const line of found.slice(0, MAX_TOOLS)) {
    const [name = '', field] = line.split('\t')
    const path = pathOf(field)
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(name) || path === null || !path.startsWith('/')) continue
    const stat = byPath.get(path)
    tools.set(name, { path, mtimeS: stat?.mtimeS ?? null, sizeBytes: stat?.sizeBytes ?? null })
  }
  return tools
}

type Fingerprint = Omit<ToolReading, 'path'>

const fingerprint = (line: string): readonly [string, Fingerprint] => {
  const [mtime, size, ...path] = line.split('\t')
  return [path.join('\t'), { mtimeS: bytesOf(counterOf(mtime)), sizeBytes: bytesOf(counterOf(size)) }]
}
