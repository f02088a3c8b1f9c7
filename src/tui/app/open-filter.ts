import * as z from 'zod'
import type { ScreenAsk } from '../screen.ts'
import { type Cockpit, closeLayer, openLayer, setFilter } from './cockpit.ts'
import type { Layer } from './layer.ts'
import { type FilterChoices, filterLayer } from './layers/filter-bar.ts'

/** What is known to choose from, asked for while the filter bar or the palette is open. */
export const CHOICE_ASKS: readonly ScreenAsk[] = [
  { as: 'machines', topic: 'machines', everyMs: 10_000 },
  { as: 'repos', topic: 'repos', params: { limit: 5000 }, everyMs: 60_000 },
  { as: 'accounts', topic: 'accounts', everyMs: 60_000 },
  { as: 'agents', topic: 'agents', everyMs: 10_000 },
]

const Machines = z.object({ machines: z.array(z.object({ id: z.string() })) })
const Repos = z.object({ repos: z.array(z.object({ name: z.string().nullable() })) })
const Accounts = z.object({ accounts: z.array(z.object({ provider: z.string() })) })
const Agents = z.object({ agents: z.array(z.object({ agent: z.string() })) })

const dataOf = (cockpit: Cockpit, as: string): unknown => {
  const ask = CHOICE_ASKS.find((one) => one.as === as)
  return ask === undefined ? null : cockpit.answers.now(ask, null).data
}

const distinct = (values: readonly (string | null)[]): readonly string[] =>
  [...new Set(values.filter((value) => value !== null))].sort()

export const knownMachines = (cockpit: Cockpit): readonly string[] =>
  distinct((Machines.safeParse(dataOf(cockpit, 'machines')).data?.machines ?? []).map(({ id }) => id))

export const knownAgents = (cockpit: Cockpit): readonly string[] =>
  distinct((Agents.safeParse(dataOf(cockpit, 'agents')).data?.agents ?? []).map(({ agent }) => agent))

const choices = (cockpit: Cockpit): FilterChoices => ({
  machine: knownMachines(cockpit),
  repo: distinct((Repos.safeParse(dataOf(cockpit, 'repos')).data?.repos ?? []).map(({ name }) => name)),
  provider: distinct(
    (Accounts.safeParse(dataOf(cockpit, 'accounts')).data?.accounts ?? []).map(({ provider }) => provider),
  ),
})

export const openFilter = (cockpit: Cockpit): void => {
  const layer: Layer = filterLayer({
    filter: cockpit.state.filter,
    choices: () => choices(cockpit),
    done: (filter) => {
      closeLayer(cockpit, layer)
      setFilter(cockpit, filter)
    },
    cancel: () => closeLayer(cockpit, layer),
  })
  openLayer(cockpit, layer)
}
