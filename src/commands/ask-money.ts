import type { z } from 'zod'
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

/** One sum, or one for each thing of the kind that is named first. */
export const cost: Answerer = async (about) => {
  const kind = about.named[0]?.kind
  const names = [...new Set(about.named.flatMap((one) => (one.kind === kind ? [one.name] : [])))]
  const taken = new Set(about.named.flatMap((one) => (one.kind === kind ? [one.word] : [])))
  const passedOver = about.named.filter(({ word }) => !taken.has(word)).map(({ word }) => word)
  const by = kind === undefined ? (about.by ?? 'model') : kind === 'repo' ? 'project' : kind
  const since = about.span?.since ?? 'today'
  const until = about.span?.until ?? undefined
  const params = { since, by, ...(until === undefined ? {} : { until }) }
  const said = (await about.ask('usage', params)).data as Usage
  const when = `since ${utc(said.since)}${until === undefined ? '' : ` until ${utc(said.until)}`}`
  const told = await Promise.all(
    names.map(async (name) => {
      const wanted = await wantedOf(about, kind ?? 'machine', name)
      const sum = sumOf(said.groups.filter((one) => one.key !== null && wanted.has(one.key)))
      return `${name}: ${sum === null ? 'nothing was counted' : words(sum)}`
    }),
  )
  const { machines_reporting: reporting, machines: all } = said.coverage
  const span = ['--since', since, ...(until === undefined ? [] : ['--until', until])]
  return {
    answer: `${told.length === 0 ? words(said.total) : told.join('; ')} ${when}${kind === undefined && about.by !== null ? mostOf(said.groups) : ''}`,
    evidence: from('usage', [
      `transcripts of ${reporting} of ${all} machines were read in time; API-equivalent prices, not a bill`,
      ...few(said.groups.map((one) => `${one.label ?? one.key ?? `${by} unknown`}: ${words(one)}`)),
    ]),
    commands: [
      command(['robot', 'usage', ...span, '--by', 'project', '--json'], 'by project'),
      command(['robot', 'usage', '--since', '7d', '--by', 'day', '--json'], 'the last week by day'),
    ],
    notes: [
      ...(passedOver.length === 0 ? [] : [`not taken into account: ${passedOver.join(', ')}`]),
      ...(kind !== undefined && about.by !== null && about.by !== by ? [`not told by ${about.by}`] : []),
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
