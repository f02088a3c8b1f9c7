import type { config } from '../../../queries/config.ts'
import type { settings } from '../../../queries/settings.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Settings = DataOf<typeof settings>
type Config = DataOf<typeof config>
export type Entry = Settings['settings'][number]
export type SettingsFile = Settings['files'][number]
export type OwnKey = Config['sections'][number]['keys'][number] & { readonly header: string }
export type Problem = Config['problems'][number]

export const SCOPES = ['default', 'global', 'project', 'local'] as const
export type Scope = (typeof SCOPES)[number]
export const TABS = ['agents', 'vc'] as const
export type Tab = (typeof TABS)[number]

/** One setting of one CLI on one machine, with what each scope says of it. */
export interface SettingRow {
  readonly key: string
  readonly machine: string
  readonly cli: string
  readonly kind: Entry['kind']
  readonly name: string
  readonly project: string | null
  readonly entries: Readonly<Partial<Record<Scope, Entry>>>
  readonly gone: Readonly<Partial<Record<Scope, Entry>>>
  readonly changed: boolean
}

export interface ConfigModel {
  readonly tab: Tab
  readonly onlyChanged: boolean
  readonly rows: readonly SettingRow[]
  readonly allRows: number
  readonly since: string | null
  readonly files: readonly SettingsFile[]
  readonly file: string | null
  readonly pending: number
  readonly keys: readonly OwnKey[]
  readonly allKeys: number
  readonly problems: readonly Problem[]
  readonly now: Date
}

export const tabOf = (view: ScreenView): Tab => TABS.find((tab) => tab === view.options['config.tab']) ?? 'agents'
export const changedOnly = (view: ScreenView): boolean => view.options['config.only'] === 'changed'

export const configAsks = (view: ScreenView): readonly ScreenAsk[] => [
  {
    as: 'settings',
    topic: 'settings',
    params: { since: '24h', limit: 100_000, ...(view.filter.machine === null ? {} : { machine: view.filter.machine }) },
    everyMs: 15_000,
  },
  // What vc itself was set to in the past is not kept.
  { as: 'config', topic: 'config', everyMs: 3_000, present: true },
]

/** A hook or server of a user and of a project are two things; what can be overridden is one row over its scopes. */
const rowKey = (one: Entry): string => [one.machine, one.cli, one.kind, one.name].join('\u0001')

const rowsOf = (settings: readonly Entry[], gone: readonly Entry[]): readonly SettingRow[] => {
  const rows = new Map<string, { first: Entry; entries: Map<string, Entry[]>; gone: Map<string, Entry[]> }>()
  const at = (one: Entry) => {
    const row = rows.get(rowKey(one)) ?? {
      first: one,
      entries: new Map<string, Entry[]>(),
      gone: new Map<string, Entry[]>(),
    }
    rows.set(rowKey(one), row)
    return row
  }
  const put = (into: Map<string, Entry[]>, one: Entry) =>
    into.set(one.project ?? '', [...(into.get(one.project ?? '') ?? []), one])
  for (const one of settings) put(at(one).entries, one)
  for (const one of gone) put(at(one).gone, one)
  return [...rows.values()].flatMap(({ first, entries, gone: lost }): SettingRow[] => {
    const projects = [...new Set([...entries.keys(), ...lost.keys()])].filter((project) => project !== '')
    const everywhere = [...(entries.get('') ?? [])]
    const lostEverywhere = [...(lost.get('') ?? [])]
    // What holds everywhere stands in each project's row too, where a project has something to say.
    return (projects.length === 0 ? [''] : projects).map((project) => {
      const mine = [...everywhere, ...(project === '' ? [] : (entries.get(project) ?? []))]
      const away = [...lostEverywhere, ...(project === '' ? [] : (lost.get(project) ?? []))]
      return {
        key: `${rowKey(first)}\u0001${project}`,
        machine: first.machine,
        cli: first.cli,
        kind: first.kind,
        name: first.name,
        project: project === '' ? null : project,
        entries: Object.fromEntries(mine.map((one) => [one.scope, one])),
        gone: Object.fromEntries(away.map((one) => [one.scope, one])),
        changed: away.length > 0 || mine.some(({ change }) => change !== null),
      }
    })
  })
}

const byChange = (a: SettingRow, b: SettingRow): number =>
  Number(b.changed) - Number(a.changed) ||
  a.cli.localeCompare(b.cli) ||
  a.kind.localeCompare(b.kind) ||
  a.name.localeCompare(b.name) ||
  a.machine.localeCompare(b.machine)

const sorted = new WeakMap<Settings, readonly SettingRow[]>()

/** Made once of each answer: a key changes none of these rows, and a large fleet has thousands. */
const rowsIn = (data: Settings | null): readonly SettingRow[] => {
  if (data === null) return []
  const rows = sorted.get(data) ?? rowsOf(data.settings, data.gone).toSorted(byChange)
  sorted.set(data, rows)
  return rows
}

export const configModel = (view: ScreenView): ConfigModel => {
  const data = dataOf<Settings>(view, 'settings')
  const own = dataOf<Config>(view, 'config')
  const only = changedOnly(view)
  const rows = rowsIn(data)
  const keys = (own?.sections ?? []).flatMap(({ header, keys: of }) => of.map((key) => ({ ...key, header })))
  const isSet = (key: OwnKey): boolean => key.line !== null || key.next !== null
  return {
    tab: tabOf(view),
    onlyChanged: only,
    allRows: rows.length,
    rows: rows.filter(
      (row) =>
        (!only || row.changed) &&
        onMachine(view.filter, row.machine) &&
        found(
          view.filter,
          row.name,
          row.cli,
          row.kind,
          row.machine,
          row.project,
          ...Object.values(row.entries).map(({ value }) => value),
        ),
    ),
    since: data?.since ?? null,
    files: (data?.files ?? []).filter((one) => onMachine(view.filter, one.machine)),
    file: own?.file ?? null,
    pending: own?.pending ?? 0,
    allKeys: keys.length,
    // What is not in force yet first; the rest in the order of the file's sections.
    keys: keys
      .filter((key) => (!only || isSet(key)) && found(view.filter, key.path, key.about))
      .toSorted((a, b) => Number(b.next !== null) - Number(a.next !== null)),
    problems: own?.problems ?? [],
    now: view.at ?? view.now,
  }
}
