import type { settings } from '../../../queries/settings.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Settings = DataOf<typeof settings>
export type Server = Settings['settings'][number]
export type ConfigFile = Settings['files'][number]

export interface ServerSeen {
  readonly id: string
  readonly server: Server
  /** Another place names a server so too, with another content: which one runs depends on where the agent stands. */
  readonly differs: boolean
}

export interface McpModel {
  readonly servers: readonly ServerSeen[]
  readonly allServers: number
  readonly selected: ServerSeen | null
  /** Files that could not be read: servers may stand in them. */
  readonly unread: readonly ConfigFile[]
}

export const mcpAsks = (): readonly ScreenAsk[] => [
  { as: 'settings', topic: 'settings', params: { kind: 'mcp_server', limit: 100_000 }, everyMs: 30_000 },
]

const idOf = (one: Server): string => [one.machine, one.cli, one.scope, one.project ?? '', one.name].join(' ')

const contentOf = (one: Server): string =>
  JSON.stringify([one.transport, one.command, one.host, one.value_hash, one.env_names, one.header_names])

export const mcpModel = (view: ScreenView): McpModel => {
  const said = dataOf<Settings>(view, 'settings')
  const { filter } = view
  const all = (said?.settings ?? []).filter((one) => one.kind === 'mcp_server')
  const contents = Map.groupBy(all, (one) => `${one.cli} ${one.name}`)
  const servers = all
    .filter(
      (one) =>
        onMachine(filter, one.machine) &&
        (filter.repo === null || (one.project ?? '').includes(filter.repo)) &&
        found(filter, one.name, one.cli, one.machine, one.command, one.host, one.project),
    )
    .map((server) => ({
      id: idOf(server),
      server,
      differs: new Set(contents.get(`${server.cli} ${server.name}`)?.map(contentOf)).size > 1,
    }))
    .sort((a, b) => a.server.name.localeCompare(b.server.name) || a.id.localeCompare(b.id))
  return {
    servers,
    allServers: all.length,
    selected: servers.find((one) => one.id === view.chosen.servers) ?? servers[0] ?? null,
    unread: (said?.files ?? []).filter((one) => one.state !== 'ok' && onMachine(filter, one.machine)),
  }
}
