import type * as z from 'zod'
import type { Named } from '../oracle/ask-names.ts'
import type { accounts } from '../queries/accounts.ts'
import type { usage } from '../queries/usage.ts'
import { type Answerer, type AskAbout, command, few, from, namedOf } from './ask-answer.ts'

type Usage = z.output<typeof usage.data>
type Totals = Usage['total']

const money = (microusd: number): string => `$${(microusd / 1_000_000).toFixed(2)}`
const count = (tokens: number): string =>
  tokens >= 1e6 ? `${(tokens / 1e6).toFixed(1)}M` : tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens)
const words = (sum: Totals): string => {
  // What has no price is not free: nothing that is known to cost anything is no sum of money.
  if (sum.total_tokens > 0 && sum.unpriced_tokens === sum.total_tokens)
    return `${count(sum.total_tokens)} tokens, all without a known price`
  const unpriced = sum.unpriced_tokens > 0 ? `, ${count(sum.unpriced_tokens)} of them without a known price` : ''
  return `${money(sum.cost_microusd)} for ${count(sum.total_tokens)} tokens${unpriced}`
}

const utc = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`

/** Something named and the groups of a sum that are its own. */
interface Wanted {
  readonly name: string
  readonly has: (group: string) => boolean
}

type Account = z.output<typeof accounts.data>['accounts'][number]

// The ledger counts by the ids of an account, people know it by its label.
const accountWanted = async (about: AskAbout, name: string): Promise<Wanted> => {
  const { accounts: all } = (await about.ask('accounts')).data as { accounts: readonly Account[] }
  const keys = all.filter((one) => one.account === name || one.label === name).flatMap((one) => one.keys)
  return { name, has: (group) => group === name || keys.includes(group) }
}

const wantedOf = (about: AskAbout, kind: Named['kind'], name: string): Promise<Wanted> | Wanted => {
  if (kind === 'account') return accountWanted(about, name)
  if (kind === 'repo') return { name, has: (group) => group === name || group.split('/').at(-1) === name }
  return { name, has: (group) => group === name }
}

const FIELDS = ['total_tokens', 'cost_microusd', 'unpriced_tokens'] as const
const sumOf = (groups: readonly Totals[]): Totals | null => {
  const [first] = groups
  if (first === undefined) return null
  const sum = (field: (typeof FIELDS)[number]): number => groups.reduce((all, one) => all + one[field], 0)
  return { ...first, ...Object.fromEntries(FIELDS.map((field) => [field, sum(field)])) }
}

const mostOf = (groups: Usage['groups']): string => {
  const [most] = groups.toSorted((a, b) => b.cost_microusd - a.cost_microusd || b.total_tokens - a.total_tokens)
  return most === undefined ? '' : `; most: ${most.key ?? 'unknown'}, ${words(most)}`
}

interface Asked {
  /** What is summed for; null: for everything together. */
  readonly kind: Named['kind'] | null
  readonly names: readonly string[]
  /** Machines that other things are asked of; none: the whole fleet. */
  readonly on: readonly string[]
  readonly passedOver: readonly string[]
}

/** “codex on atlas”: a machine beside something else is the place where it is summed. */
const askedOf = (named: readonly Named[]): Asked => {
  const places = named.filter((one) => one.kind === 'machine')
  const others = named.filter(({ word }) => places.every((place) => place.word !== word))
  const [first] = others.length > 0 ? others : places
  if (first === undefined) return { kind: null, names: [], on: [], passedOver: [] }
  const namesOf = (ones: readonly Named[]): readonly string[] => [...new Set(ones.map(({ name }) => name))]
  const same = named.filter(({ kind }) => kind === first.kind)
  const taken = new Set([...places, ...same].map(({ word }) => word))
  return {
    kind: first.kind,
    names: namesOf(same),
    on: first.kind === 'machine' ? [] : namesOf(places),
    passedOver: named.filter(({ word }) => !taken.has(word)).map(({ word }) => word),
  }
}

/** One sum, or one for each thing of the kind that is named first, on each machine that is named beside it. */
export const cost: Answerer = async (about) => {
  const { kind, names, on, passedOver } = askedOf(about.named)
  const by = kind === null ? (about.by ?? 'model') : kind === 'repo' ? 'project' : kind
  const since = about.span?.since ?? 'today'
  const until = about.span?.until ?? undefined
  const params = { since, by, ...(until === undefined ? {} : { until }) }
  const sums = await Promise.all(
    (on.length === 0 ? [null] : on).map(async (machine) => {
      const reply = await about.ask('usage', machine === null ? params : { ...params, machine })
      return { where: machine === null ? '' : ` on ${machine}`, said: reply.data as Usage }
    }),
  )
  const [{ said } = { said: null }] = sums
  if (said === null) throw new Error('a sum was asked for nowhere')
  const when = `since ${utc(said.since)}${until === undefined ? '' : ` until ${utc(said.until)}`}`
  const wanted = await Promise.all(names.map((name) => wantedOf(about, kind ?? 'machine', name)))
  const told = wanted.flatMap(({ name, has }) =>
    sums.map(({ where, said: { groups } }) => {
      const sum = sumOf(groups.filter((one) => one.key !== null && has(one.key)))
      return `${name}${where}: ${sum === null ? 'nothing was counted' : words(sum)}`
    }),
  )
  const covered = (field: 'machines' | 'machines_reporting'): number =>
    sums.reduce((all, one) => all + one.said.coverage[field], 0)
  const span = ['--since', since, ...(until === undefined ? [] : ['--until', until])]
  return {
    answer: `${told.length === 0 ? words(said.total) : told.join('; ')} ${when}${kind === null && about.by !== null ? mostOf(said.groups) : ''}`,
    evidence: from('usage', [
      `transcripts of ${covered('machines_reporting')} of ${covered('machines')} machines were read in time; API-equivalent prices, not a bill`,
      ...few(
        sums.flatMap(({ where, said: { groups } }) =>
          groups.map((one) => `${one.label ?? one.key ?? `${by} unknown`}${where}: ${words(one)}`),
        ),
      ),
    ]),
    commands: [
      command(['robot', 'usage', ...span, '--by', 'project', '--json'], 'by project'),
      command(['robot', 'usage', '--since', '7d', '--by', 'day', '--json'], 'the last week by day'),
    ],
    notes: [
      ...(passedOver.length === 0 ? [] : [`not taken into account: ${passedOver.join(', ')}`]),
      ...(kind !== null && about.by !== null && about.by !== by ? [`not told by ${about.by}`] : []),
    ],
  }
}

export const nextAccount: Answerer = async (about) => {
  const { accounts: all, recommendations } = (await about.ask('accounts')).data as z.output<typeof accounts.data>
  const name = namedOf(about, 'account')
  const shown = name === undefined ? all : all.filter((one) => one.account === name || one.label === name)
  const use = recommendations.map((one) =>
    one.use === null
      ? `${one.provider}: ${one.why ?? 'nothing to recommend'}`
      : `${one.provider}: use ${one.use.label ?? one.use.account}`,
  )
  return {
    answer: use.join('; ') || 'no account has been seen yet',
    evidence: from('accounts', [
      ...recommendations.flatMap((one) => (one.use === null ? [] : few(one.use.reasons))),
      ...few(
        shown.map((one) => {
          const room =
            one.headroom_pct === null
              ? 'head-room unknown'
              : `${Math.round(one.headroom_pct)} % free in ${one.binding_window ?? '?'}`
          return `${one.label ?? one.account} (${one.provider}): ${room}${one.held_until === null ? '' : `, held until ${one.held_until}`}`
        }),
      ),
    ]),
    commands: [
      ...recommendations
        .slice(0, 2)
        .map((one) => command(['account', 'recommend', '--provider', one.provider], 'why, and how to switch')),
      command(['account', 'list'], 'every window with its age'),
    ],
  }
}
