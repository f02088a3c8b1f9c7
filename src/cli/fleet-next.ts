/** One thing to do, and how many more of its kind there are. */
export interface Alike<One> {
  readonly first: One
  /** Where it stands in the list. */
  readonly index: number
  readonly more: number
}

/** So many of a kind are still said one by one. */
const SINGLY = 2

/** Rules that tell of the same as another source of triage. */
const SAME_AS: Readonly<Record<string, string>> = {
  collector_red: 'source',
  dirty_repos: 'repos',
  mail_overdue: 'mail',
  transcripts_deleted: 'retention',
}

/** Which kind of trouble an id of triage is about, whatever machine or agent has it. */
const kindOf = (id: string): string => {
  const [kind = '', ...rest] = id.split(':')
  // The state of an agent, and whether a machine shows another host key, are kinds of their own.
  return kind === 'agent' || kind === 'machine_unreachable' ? `${kind}:${rest.at(-1)}` : (SAME_AS[kind] ?? kind)
}

/** A list in its order in which the first of many alike stands for all: the screen is short, and the worst may have many shapes. */
export const alikeOnce = <One extends { readonly id: string }>(all: readonly One[]): readonly Alike<One>[] => {
  const kinds = Map.groupBy(all, ({ id }) => kindOf(id))
  return all.flatMap((one, index) => {
    const alike = kinds.get(kindOf(one.id)) ?? [one]
    if (alike.length <= SINGLY) return [{ first: one, index, more: 0 }]
    return alike[0] === one ? [{ first: one, index, more: alike.length - 1 }] : []
  })
}
