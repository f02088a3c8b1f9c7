import type { BeadGraphAnswer, BeadGraphQuestion, BeadLink, BeadNode, BeadPlace } from '../core/beads.ts'
import { beadGraph, betweennesses, chains, knots, pageranks } from './beads-metrics.ts'
import { type Standing, standings } from './beads-standing.ts'

/**
 * Everything vc derives from the issues of one project: standing of each, ranks, knots, the longest open chain, and ready
 * issues scored with reasons. Pure; duplicated ids count once, links to unknown issues hold nobody up.
 */
export function judgeBeads({ nodes: given, links, nowMs }: BeadGraphQuestion): BeadGraphAnswer {
  const nodes = [...new Map(given.map((node) => [node.id, node])).values()]
  const standing = standings(nodes, links, nowMs)
  const { graph, selfish } = beadGraph(
    nodes.map(({ id }) => id),
    links,
  )
  const tied = knots(graph)
  const { impact } = chains(graph, tied)
  const open = beadGraph(
    nodes.filter(({ category }) => category !== 'done').map(({ id }) => id),
    links,
  ).graph
  const { longest } = chains(open, knots(open))
  const rank = pageranks(graph)
  const between = betweennesses(graph)
  const unblocks = unblockCounts(standing)
  const bare = nodes.map(
    (node): Omit<BeadPlace, 'score' | 'reasons'> => ({
      id: node.id,
      standing: standing.get(node.id)?.standing ?? 'held',
      waitsOn: standing.get(node.id)?.waitsOn ?? [],
      unblocks: unblocks.get(node.id) ?? 0,
      pagerank: rank[node.id] ?? 0,
      betweenness: between === null ? null : (between.get(node.id) ?? 0),
      impact: impact.get(node.id) ?? 1,
    }),
  )
  return {
    places: scored(bare, nodes, links, new Set(longest)),
    nodeCount: graph.order,
    edgeCount: graph.size,
    cycles: [...selfish.map((id) => [id]), ...tied],
    criticalPath: longest,
    betweennessState: between === null ? 'skipped' : 'computed',
  }
}

/** How many issues wait on this one alone. */
function unblockCounts(standing: ReadonlyMap<string, Standing>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { standing: where, waitsOn } of standing.values()) {
    const [only] = waitsOn
    if (where !== 'done' && waitsOn.length === 1 && only !== undefined) counts.set(only, (counts.get(only) ?? 0) + 1)
  }
  return counts
}

const WEIGHTS = { priority: 0.4, unblocks: 0.25, impact: 0.2, rank: 0.15 } as const
const LEAST_PRIORITY = 4

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

/** Urgency first, then what it sets free, how long a chain waits on it, and how central it is. */
function scored(
  bare: readonly Omit<BeadPlace, 'score' | 'reasons'>[],
  nodes: readonly BeadNode[],
  links: readonly BeadLink[],
  critical: ReadonlySet<string>,
): readonly BeadPlace[] {
  const priorities = new Map(nodes.map(({ id, priority }) => [id, priority]))
  const most = (of: (place: Omit<BeadPlace, 'score' | 'reasons'>) => number): number =>
    bare.reduce((top, place) => Math.max(top, of(place)), 0)
  const [topUnblocks, topImpact, topRank] = [most((p) => p.unblocks), most((p) => p.impact), most((p) => p.pagerank)]
  const share = (value: number, top: number): number => (top > 0 ? value / top : 0)
  const linked = links.some(({ type }) => type === 'blocks')
  return bare.map((place) => {
    if (place.standing !== 'ready') return { ...place, score: null, reasons: [] }
    const priority = priorities.get(place.id) ?? null
    const urgency = priority === null ? 0 : 1 - within(priority, 0, LEAST_PRIORITY) / LEAST_PRIORITY
    const score =
      WEIGHTS.priority * urgency +
      WEIGHTS.unblocks * share(place.unblocks, topUnblocks) +
      WEIGHTS.impact * share(place.impact - 1, topImpact - 1) +
      WEIGHTS.rank * (linked ? share(place.pagerank, topRank) : 0)
    const reasons = [
      ...(priority === null ? [] : [`priority ${priority}`]),
      ...(place.unblocks > 0 ? [`unblocks ${place.unblocks}`] : []),
      ...(place.impact > 1 ? [`a chain of ${place.impact - 1} waits on it`] : []),
      ...(critical.has(place.id) ? ['first on the critical path'] : []),
    ]
    return { ...place, score: Math.round(score * 10_000) / 10_000, reasons }
  })
}
