import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import { nameList } from '../core/nearest.ts'

type Config = LoadedConfig['config']

export interface ConfigDifference {
  /** `it adds atlas, switches borg off and changes [polling]`. */
  readonly says: string
  /** Machines that the second wants looked at, and the first does not. */
  readonly looked: readonly string[]
}

const isLooked = (machine: MachineConfig | undefined): boolean => machine?.enabled === true

const changedSections = (before: Config, after: Config): readonly string[] => {
  const names = Object.keys({ ...before, ...after }) as (keyof Config)[]
  return names.filter((name) => name !== 'machines' && !isDeepStrictEqual(before[name], after[name]))
}

const inOne = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

/** What changes when one configuration takes the place of another, by what they say; null: nothing. */
export const configDifference = (before: Config, after: Config): ConfigDifference | null => {
  const was = new Map(before.machines.map((machine) => [machine.id, machine]))
  const is = new Map(after.machines.map((machine) => [machine.id, machine]))
  const both = after.machines.filter(({ id }) => was.has(id))
  const named = (verb: string, ids: readonly string[], ending = ''): string[] =>
    ids.length === 0 ? [] : [`${verb} ${nameList(ids)}${ending}`]
  const switched = (on: boolean): readonly string[] =>
    both.filter(({ id, enabled }) => enabled === on && was.get(id)?.enabled !== on).map(({ id }) => id)
  const edited = both.filter((one) => !isDeepStrictEqual({ ...was.get(one.id), enabled: one.enabled }, one))
  const others = [...edited.map(({ id }) => id), ...changedSections(before, after).map((name) => `[${name}]`)]
  const parts = [
    ...named('adds', [...is.keys()].filter((id) => !was.has(id))),
    ...named('drops', [...was.keys()].filter((id) => !is.has(id))),
    ...named('switches', switched(true), ' on'),
    ...named('switches', switched(false), ' off'),
    ...named('changes', others),
  ] // biome-ignore format: one kind a line
  if (parts.length === 0) return null
  const looked = after.machines.filter((one) => isLooked(one) && !isLooked(was.get(one.id))).map(({ id }) => id)
  return { says: `it ${inOne(parts)}`, looked }
}
