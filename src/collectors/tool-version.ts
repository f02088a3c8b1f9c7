import type { CollectContext } from '../core/collector.ts'
import type { CursorChange } from '../core/rows.ts'
import { textCell } from './row-cells.ts'

const KEY = 'newer_version'

/** The version of a tool as it was last asked; says once that a newer one than tested speaks. */
export const toolVersion = async (
  ctx: CollectContext,
  tool: string,
  testedUpTo: string,
): Promise<{ readonly version: string | null; readonly cursors: readonly CursorChange[] }> => {
  const rows = await ctx.known('machine_tool_capabilities')
  const version = textCell(rows.find((row) => row.tool_name === tool)?.version)
  if (version === null || !isNewer(version, testedUpTo) || ctx.cursors.get(KEY) === version)
    return { version, cursors: [] }
  ctx.warn(
    'newer_version',
    `${tool} ${version} on ${ctx.machine.id} was not tried: tested up to ${testedUpTo}`,
    'compare a few numbers with the tool itself; a newer vc may know it',
  )
  return { version, cursors: [{ key: KEY, value: version }] }
}

const numbers = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number)

const isNewer = (version: string, than: string): boolean => {
  const [mine, theirs] = [numbers(version), numbers(than)]
  for (let i = 0; i < 3; i += 1) {
    const difference = (mine[i] ?? 0) - (theirs[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
