import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { type JsonObject, objectOf } from '../foreign-json.ts'
import { type Cli, shapeOf } from './parse.ts'

const TRANSPORTS: Readonly<Record<string, string>> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  remote: 'http',
  'streamable-http': 'http',
  streamable_http: 'http',
  streamableHttp: 'http',
  sse: 'sse',
}

/** One server: how it is reached, its program or host, and the names of what it is handed. */
export const serverEntry = (cli: Cli, server: JsonObject): Row => {
  const command = shapeOf(Array.isArray(server.command) ? server.command[0] : server.command)
  const url = shapeOf(server.httpUrl ?? server.url ?? server.serverUrl)
  return {
    transport: transportOf(cli, server),
    command: command?.program ?? null,
    value_hash: command?.hash ?? null,
    value_length: command?.length ?? null,
    items: argumentsOf(server),
    url_host: url?.host ?? null,
    enabled: enabledOf(server),
    env_names: namesOf(server, ['env', 'environment']),
    header_names: namesOf(server, ['headers', 'http_headers', 'env_http_headers']),
  }
}

const transportOf = (cli: Cli, server: JsonObject): string | null => {
  const said = shapeOf(server.type ?? server.transport)?.text ?? null
  const known = said === null ? undefined : TRANSPORTS[said]
  if (known !== undefined) return known
  if (server.command !== undefined) return 'stdio'
  if (server.httpUrl !== undefined) return 'http'
  if (server.url === undefined && server.serverUrl === undefined) return null
  // by a plain `url` Gemini means server-sent events, which it calls httpUrl otherwise
  return cli === 'gemini' ? 'sse' : 'http'
}

/** Arguments are counted, never kept. */
const argumentsOf = (server: JsonObject): number | null => {
  if (Array.isArray(server.args)) return server.args.length
  return Array.isArray(server.command) ? Math.max(0, server.command.length - 1) : null
}

const enabledOf = (server: JsonObject): boolean | null => {
  if (typeof server.enabled === 'boolean') return server.enabled
  return typeof server.disabled === 'boolean' ? !server.disabled : null
}

/** A JSON array of names; null where there are none. */
const namesOf = (server: JsonObject, keys: readonly string[]): string | null => {
  const names = keys.flatMap((key) => Object.keys(objectOf(server[key]) ?? {}))
  return names.length === 0
    ? null
    : JSON.stringify(
        [...new Set(names)]
          .sort()
          .slice(0, 64)
          .map((name) => displayText(name, 100)),
      )
}
