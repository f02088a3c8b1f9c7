import type { Truth, TruthMessage } from '../corpus/truth.ts'
import type { UsageGroup } from './collect.ts'

/** Groups that differ from the truth in any number, as sentences; empty when every token is where it belongs. */
export const differences = (
  truths: readonly Truth[],
  by: 'session' | 'model',
  groups: readonly UsageGroup[],
): string[] => {
  const messages = truths.flatMap((truth) => [...truth.messages.values()])
  const expected = new Map(
    [...Map.groupBy(messages, (message) => message[by])].map(([key, group]) => [key, textOf(group)]),
  )
  const found = new Map(groups.map((group) => [group.key ?? '', textOfGroup(group)]))
  const keys = new Set([...expected.keys(), ...found.keys()])
  return [...keys]
    .filter((key) => expected.get(key) !== found.get(key))
    .map((key) => `${by} ${key}: ${found.get(key) ?? 'missing'} instead of ${expected.get(key) ?? 'nothing'}`)
}

const textOf = (group: readonly TruthMessage[]): string => {
  const sum = (of: (message: TruthMessage) => number): number =>
    group.reduce((total, message) => total + of(message), 0)
  return [
    group.length,
    sum(({ tokens }) => tokens.input),
    sum(({ tokens }) => tokens.output),
    sum(({ tokens }) => tokens.cacheRead),
    sum(({ tokens }) => tokens.cacheWrite5m + tokens.cacheWrite1h),
    sum(({ tokens }) => tokens.reasoning),
  ].join(' ')
}

const textOfGroup = (group: UsageGroup): string =>
  [
    group.messages,
    group.input_tokens,
    group.output_tokens,
    group.cache_read_tokens,
    group.cache_write_tokens,
    group.reasoning_tokens,
  ].join(' ')
