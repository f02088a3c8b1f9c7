import { DirectedGraph } from 'graphology'
import { stronglyConnectedComponents } from 'graphology-components'
import { topologicalSort } from 'graphology-dag'
import { betweenness as betweennessCentrality, pagerank } from 'graphology-metrics/centrality/index.js'
import type { BeadLink } from '../core/beads.ts'

/** An edge leads from an issue to one it waits on, as in bv: rank flows to what holds others up. */
export interface BeadGraph {
  readonly graph: DirectedGraph
  /** Issues that wait on themselves: no edge of the graph, but a cycle. */
  readonly selfish: readonly string[]
}

/** `blocks` only, closed issues too, links to unknown issues left out: the graph that bv measures. */
export function beadGraph(ids: Iterable<string>, links: readonly BeadLink[]): BeadGraph {
  const graph = new DirectedGraph({ allowSelfLoops: false })
  for (const id of ids) graph.mergeNode(id)
  const selfish = new Set<string>()
  for (const { issue, on, type } of links) {
    if (type !== 'blocks' || !graph.hasNode(issue) || !graph.hasNode(on)) continue
    if (issue === on) selfish.add(issue)
    else graph.mergeEdge(issue, on)
  }
  return { graph, selfish: [...selfish].sort() }
}

export const pageranks = (graph: DirectedGraph): Readonly<Record<string, number>> =>
  graph.order === 0 ? {} : pagerank(graph, { getEdgeWeight: null, alpha: 0.85, tolerance: 1e-9, maxIterations: 1000 })

/** Edges that Brandes' algorithm may walk: about half a second. */
const MAX_STEPS = 4e6

/** Not normalised, as bv prints it; null where it would take too long. Parts that do not touch are measured apart. */
export function betweennesses(graph: DirectedGraph): ReadonlyMap<string, number> | null {
  const parts = weakParts(graph).filter((part) => part.length > 2)
  const graphs = parts.map((part) => subgraph(graph, part))
  if (graphs.reduce((sum, part) => sum + stepsOf(part), 0) > MAX_STEPS) return null
  return new Map(
    graphs.flatMap((part) => Object.entries(betweennessCentrality(part, { getEdgeWeight: null, normalized: false }))),
  )
}

const SAMPLES = 32

/** Edges within reach of all issues together, judged by some of them: most graphs of issues reach far less than they hold. */
function stepsOf(graph: DirectedGraph): number {
  const ids = graph.nodes()
  const stride = Math.max(1, Math.floor(ids.length / SAMPLES))
  const picked = ids.filter((_, at) => at % stride === 0)
  const walked = picked.reduce((sum, id) => sum + edgesWithin(graph, id), 0)
  return (walked / picked.length) * ids.length
}

function edgesWithin(graph: DirectedGraph, start: string): number {
  const reached = new Set([start])
  let edges = 0
  for (const id of reached) {
    edges += graph.outDegree(id)
    for (const on of graph.outNeighbors(id)) reached.add(on)
  }
  return edges
}

function weakParts(graph: DirectedGraph): readonly (readonly string[])[] {
  const seen = new Set<string>()
  return graph.nodes().flatMap((start) => {
    if (seen.has(start)) return []
    const part = new Set([start])
    for (const id of part) for (const near of graph.neighbors(id)) part.add(near)
    for (const id of part) seen.add(id)
    return [[...part]]
  })
}

function subgraph(graph: DirectedGraph, ids: readonly string[]): DirectedGraph {
  const part = new DirectedGraph({ allowSelfLoops: false })
  for (const id of ids) part.addNode(id)
  for (const id of ids) for (const on of graph.outNeighbors(id)) part.addEdge(id, on)
  return part
}

/** Which knot each issue belongs to; issues outside any knot are left out. */
export const knots = (graph: DirectedGraph): readonly (readonly string[])[] =>
  stronglyConnectedComponents(graph)
    .filter((part) => part.length > 1)
    .map((part) => part.toSorted())
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))

/** The graph without the edges inside knots, where no order exists. */
function untangled(graph: DirectedGraph, tied: readonly (readonly string[])[]): DirectedGraph {
  if (tied.length === 0) return graph
  const knotOf = new Map(tied.flatMap((part, at) => part.map((id) => [id, at] as const)))
  const free = graph.copy() as DirectedGraph
  free.forEachEdge((edge, _, from, to) => {
    const knot = knotOf.get(from)
    if (knot !== undefined && knot === knotOf.get(to)) free.dropEdge(edge)
  })
  return free
}

export interface Chains {
  /** Issues in the longest chain that waits on each, itself included: bv's critical_path_score where nothing is tied. */
  readonly impact: ReadonlyMap<string, number>
  /** The longest chain, first to be done first. */
  readonly longest: readonly string[]
}

export function chains(graph: DirectedGraph, tied: readonly (readonly string[])[]): Chains {
  const free = untangled(graph, tied)
  const impact = new Map<string, number>()
  const waiter = new Map<string, string>()
  let deepest: string | null = null
  for (const id of topologicalSort(free)) {
    let best = 0
    for (const from of free.inNeighbors(id)) {
      const depth = impact.get(from) ?? 0
      if (depth > best || (depth === best && from < (waiter.get(id) ?? ''))) {
        best = depth
        waiter.set(id, from)
      }
    }
    impact.set(id, best + 1)
    if (deepest === null || best + 1 > (impact.get(deepest) ?? 0)) deepest = id
  }
  const longest: string[] = []
  for (let id = deepest ?? undefined; id !== undefined; id = waiter.get(id)) longest.push(id)
  return { impact, longest: longest.length > 1 ? longest : [] }
}
