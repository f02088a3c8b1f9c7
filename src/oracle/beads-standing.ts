import type { BeadLink, BeadNode, BeadStanding } from '../core/beads.ts'

/** What keeps one issue from being worked on. */
export interface Standing {
  readonly standing: BeadStanding
  readonly waitsOn: readonly string[]
}

const WAITS: ReadonlySet<string> = new Set(['blocks', 'conditional-blocks', 'waits-for'])
const NONE: readonly string[] = []

/** Done and held (pinned, frozen) issues hold nobody up, as `bd` counts it; an issue nobody knows does not either. */
const holdsUp = (node: BeadNode | undefined): boolean =>
  node !== undefined && node.category !== 'done' && node.category !== 'held'

/**
 * Standing of every issue by the rules of `bd ready`: open, nothing open it waits on, no blocked or deferred parent, not
 * deferred itself. A blocked parent blocks its children; `waits-for` waits on the open children of its target.
 */
export function standings(
  nodes: readonly BeadNode[],
  links: readonly BeadLink[],
  nowMs: number,
): ReadonlyMap<string, Standing> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<string, string[]>()
  const children = new Map<string, string[]>()
  for (const { issue, on, type } of links) {
    if (type !== 'parent-child' || issue === on) continue
    push(parents, issue, on)
    push(children, on, issue)
  }
  const waits = new Map<string, Set<string>>()
  for (const link of links) {
    if (!WAITS.has(link.type)) continue
    const targets = link.type === 'waits-for' ? (children.get(link.on) ?? NONE) : [link.on]
    const open = targets.filter((id) => holdsUp(byId.get(id)))
    if (open.length > 0) waits.set(link.issue, (waits.get(link.issue) ?? new Set()).union(new Set(open)))
  }
  const blocked = spread([...waits.keys()], children)
  const later = (id: string): boolean => (byId.get(id)?.deferUntilMs ?? 0) > nowMs
  return new Map(
    nodes.map((node) => {
      const waitsOn = [...(waits.get(node.id) ?? NONE)].sort()
      const deferred = later(node.id) || (parents.get(node.id) ?? NONE).some(later)
      return [node.id, { waitsOn, standing: standingOf(node, blocked.has(node.id), deferred) }]
    }),
  )
}

const push = (map: Map<string, string[]>, key: string, value: string): void => {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** The blocked issues and all that hang below them. */
function spread(start: readonly string[], children: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set(start)
  // A Set is walked in the order of insertion, additions during the walk included; knots end because ids are met once.
  for (const id of reached) for (const child of children.get(id) ?? NONE) reached.add(child)
  return reached
}

function standingOf(node: BeadNode, blocked: boolean, deferred: boolean): BeadStanding {
  if (node.category === 'done' || node.category === 'held' || node.category === 'in_progress') return node.category
  if (node.category === 'blocked' || blocked) return 'blocked'
  if (node.category === 'deferred' || deferred) return 'deferred'
  return node.quiet || node.category === 'unknown' ? 'held' : 'ready'
}
