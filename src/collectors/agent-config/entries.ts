import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { type JsonObject, nulls, objectOf, objectsOf } from '../foreign-json.ts'
import { type Cli, type SettingsDoc, shapeOf } from './parse.ts'
import { serverEntry } from './servers.ts'

export type Entry = Row

const EMPTY = nulls('value value_hash value_length items enabled transport command url_host env_names header_names')

export const entry = (kind: string, name: string, project: string, rest: Row): Entry => ({
  ...EMPTY,
  kind,
  name: displayText(name, 200),
  project_path: displayText(project, 4096),
  ...rest,
  gone: false,
})

/** Where each CLI keeps its servers. */
const SERVERS: Readonly<Record<Cli, string>> = {
  claude: 'mcpServers',
  codex: 'mcp_servers',
  gemini: 'mcpServers',
  opencode: 'mcp',
}

/** All that one text of settings says, one entry per server, hook, group of permissions and single setting. */
export const entriesOf = (cli: Cli, { project, tree }: SettingsDoc): readonly Entry[] => {
  const { [SERVERS[cli]]: servers, hooks, permissions, permission, projects, notify, ...rest } = tree
  const trusted = cli === 'codex' ? Object.entries(objectOf(projects) ?? {}) : []
  return [
    ...Object.entries(objectOf(servers) ?? {}).map(([name, server]) =>
      entry('mcp_server', name, project, serverEntry(cli, objectOf(server) ?? {})),
    ),
    ...hookEntries(hooks, project),
    ...(notify === undefined ? [] : [hookEntry('notify', Array.isArray(notify) ? notify[0] : notify, project)]),
    ...ruleEntries(permissions, project),
    ...verdictEntries(permission, project),
    ...settings(rest, '', project),
    // which folder is trusted is a permission of that folder, wherever it is written
    ...trusted.flatMap(([path, own]) => permissionsOf(objectOf(own) ?? {}, path)),
  ]
}

const permissionsOf = (own: JsonObject, path: string): readonly Entry[] =>
  settings(own, '', path).map((row) => ({ ...row, kind: 'permission' }))

const hookEntry = (name: string, command: unknown, project: string): Entry => {
  const shape = shapeOf(command)
  const rest = { command: shape?.program ?? null, value_hash: shape?.hash ?? null, value_length: shape?.length ?? null }
  return entry('hook', name, project, rest)
}

// { Event: [{ matcher, hooks: [{ type, command }] }] }; other things under `hooks` are switches, kept as settings
const hookEntries = (hooks: unknown, project: string): readonly Entry[] =>
  Object.entries(objectOf(hooks) ?? {}).flatMap(([event, groups]) => {
    if (!Array.isArray(groups)) return settings({ [event]: groups }, 'hooks.', project)
    const commands = objectsOf(groups).flatMap((group) => objectsOf(group.hooks).map((hook) => ({ group, hook })))
    return commands.map(({ group, hook }, at) => ({
      ...hookEntry(`${event}#${at + 1}`, hook.command, project),
      value: shapeOf(group.matcher)?.text ?? null,
    }))
  })

// { allow: [rule, …], deny: …, defaultMode }: rules by list and tool
const ruleEntries = (permissions: unknown, project: string): readonly Entry[] =>
  Object.entries(objectOf(permissions) ?? {}).flatMap(([list, rules]) => {
    if (!Array.isArray(rules)) return settings({ [list]: rules }, 'permissions.', project).map(asPermission)
    const byTool = Map.groupBy(rules, (rule) => shapeOf(rule)?.tool ?? null)
    return [...byTool].map(([tool, group]) =>
      entry('permission', tool === null ? list : `${list} ${tool}`, project, listColumns(group)),
    )
  })

const asPermission = (row: Entry): Entry => ({ ...row, kind: 'permission' })

// OpenCode: { edit: 'ask', bash: { pattern: 'allow' } }: patterns are counted per verdict, not kept
const verdictEntries = (permission: unknown, project: string): readonly Entry[] => {
  const single = shapeOf(permission)?.text ?? null
  if (single !== null) return [entry('permission', '*', project, { value: single })]
  return Object.entries(objectOf(permission) ?? {}).flatMap(([tool, verdict]) => {
    const patterns = objectOf(verdict)
    if (patterns === null) return [entry('permission', tool, project, { value: shapeOf(verdict)?.text ?? null })]
    const byVerdict = Map.groupBy(Object.entries(patterns), ([, value]) => shapeOf(value)?.text ?? 'other')
    return [...byVerdict].map(([value, group]) =>
      entry('permission', `${value} ${tool}`, project, {
        value,
        items: group.length,
        value_hash: hashOf(group.map(([pattern]) => pattern)),
      }),
    )
  })
}

const hashOf = (parts: readonly unknown[]): string => sha256(JSON.stringify(parts)).slice(0, 12)

const listColumns = (list: readonly unknown[]): Row => ({
  items: list.length,
  value_hash: list.length === 0 ? null : hashOf(list),
})

const MAX_LEVELS = 6

const settings = (tree: JsonObject, prefix: string, project: string, level = 1): readonly Entry[] =>
  Object.entries(tree).flatMap(([key, value]) => {
    const name = `${prefix}${key}`
    const inner = objectOf(value)
    if (Array.isArray(value)) return [entry('setting', name, project, listColumns(value))]
    if (inner !== null && level < MAX_LEVELS) return settings(inner, `${name}.`, project, level + 1)
    if (inner !== null)
      return [entry('setting', name, project, { items: Object.keys(inner).length, value_hash: hashOf([inner]) })]
    const shape = shapeOf(value)
    const shown = shape?.text ?? shape?.program ?? null
    const rest = {
      value: shown,
      value_hash: shape?.hash ?? null,
      value_length: shape?.length ?? null,
      url_host: shape?.host ?? null,
    }
    return [entry('setting', name, project, rest)]
  })
