import { UndirectedGraph } from 'graphology'
import { connectedComponents } from 'graphology-components'

/** One source's word that two keys name the same account. */
export interface AliasFact {
  readonly provider: string
  readonly alias: string
  readonly account_key: string
}

type KeyKind = 'id' | 'mail' | 'profile' | 'unknown'

const kindOf = (key: string): KeyKind => {
  if (key.startsWith('unknown@')) return 'unknown'
  if (key.startsWith('profile:')) return 'profile'
  return /^[0-9a-f]{32}$/.test(key) ? 'mail' : 'id'
}

const RANK: Readonly<Record<KeyKind, number>> = { id: 0, mail: 1, profile: 2, unknown: 3 }

/** The key an account is shown under, given any of its keys. */
export interface AccountIdentities {
  canonical(provider: string, key: string): string
  /** Every key of that account, the shown one first. */
  keysOf(provider: string, key: string): readonly string[]
}

const node = (provider: string, key: string): string => `${provider}\u0001${key}`
const keyOf = (name: string): string => name.slice(name.indexOf('\u0001') + 1)

const byStrength = (a: string, b: string): number => RANK[kindOf(a)] - RANK[kindOf(b)] || a.localeCompare(b)

const graphOf = (facts: readonly AliasFact[]): UndirectedGraph => {
  const graph = new UndirectedGraph()
  for (const { provider, alias, account_key: key } of facts) {
    if (alias === key || kindOf(alias) === 'unknown' || kindOf(key) === 'unknown') continue
    graph.mergeEdge(node(provider, alias), node(provider, key))
  }
  return graph
}

/** A mail address with two workspaces, or a profile that was logged in anew, names no one account: it joins nothing. */
const dropAmbiguous = (graph: UndirectedGraph): UndirectedGraph => {
  const shared = graph.filterNodes((name) => {
    const own = kindOf(keyOf(name))
    if (own !== 'mail' && own !== 'profile') return false
    const stronger = graph.filterNeighbors(name, (other) => RANK[kindOf(keyOf(other))] < RANK[own])
    const strongest = Math.min(...stronger.map((other) => RANK[kindOf(keyOf(other))]))
    return stronger.filter((other) => RANK[kindOf(keyOf(other))] === strongest).length > 1
  })
  for (const name of shared) for (const edge of graph.edges(name)) graph.dropEdge(edge)
  return graph
}

/** Joins keys of one account across tools and machines; the account id outranks the mail address, that the profile. */
export const accountIdentities = (facts: readonly AliasFact[]): AccountIdentities => {
  const members = new Map<string, readonly string[]>()
  for (const component of connectedComponents(dropAmbiguous(graphOf(facts)))) {
    const keys = component.map(keyOf).sort(byStrength)
    for (const name of component) members.set(name, keys)
  }
  const keysOf = (provider: string, key: string): readonly string[] => members.get(node(provider, key)) ?? [key]
  return { keysOf, canonical: (provider, key) => keysOf(provider, key)[0] ?? key }
}
