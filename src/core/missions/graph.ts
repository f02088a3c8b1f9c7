/** What waits on what, by mission id. */
export type DependsOn = (id: string) => readonly string[]

/**
 * A ring of missions that would wait on one another, in that order, or null. Looks from `starts` along what they wait on;
 * without recursion, because chains may be long.
 */
export const findCycle = (starts: readonly string[], dependsOn: DependsOn): readonly string[] | null => {
  const finished = new Set<string>()
  for (const start of starts) {
    const path: { readonly id: string; readonly rest: string[] }[] = []
    const onPath = new Set<string>()
    const enter = (id: string): void => {
      path.push({ id, rest: [...dependsOn(id)] })
      onPath.add(id)
    }
    if (!finished.has(start)) enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop()
      if (next === undefined) {
        path.pop()
        onPath.delete(top.id)
        finished.add(top.id)
      } else if (onPath.has(next)) {
        const ids = path.map(({ id }) => id)
        return [...ids.slice(ids.indexOf(next)), next]
      } else if (!finished.has(next)) enter(next)
    }
  }
  return null
}
