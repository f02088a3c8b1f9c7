import type { z } from 'zod'
import type { accounts } from '../queries/accounts.ts'
import type { usage } from '../queries/usage.ts'
import { type Answerer, type AskAbout, command, few, from, namedOf } from './ask-answer.ts'

type Usage = z.output<typeof usage.data>
type Totals = Usage['total']

const money = (microusd: number): string => `$${(microusd / 1_000_000).toFixed(2)}`
const count = (tokens: number): string =>
  tokens >= 1e6 ? `${(tokens / 1e6).toFixed(1)}M` : tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens)
const words = (sum: Totals): string =>
  `${money(sum.cost_microusd)} for ${count(sum.total_tokens)} tokens${sum.unpriced_tokens > 0 ? `, ${count(sum.unpriced_tokens)} of them without a known price` : ''}`

// A question about one agent, machine, account or repository is the line of it in the sums of its kind.
const groupOf = (about: AskAbout): { readonly by: string; readonly key: string | null } => {
  const [one] = about.named
  if (one === undefined) return { by: 'model', key: null }
  return { by: one.kind === 'repo' ? 'project' : one.kind, key: one.name }
}

const isKey = (group: string | null, key: string, by: string): boolean =>
  group === key || (by === 'project' && group !== null && group.split('/').at(-1) === key)

export const cost: Answerer = async (about) => {
  const { by, key } = groupOf(about)
  const since = about.span?.since ?? 'today'
  const until = about.span?.until ?? undefined
  const params = { since, by, ...(until === undefined ? {} : { until }) }
  const said = (await about.ask('usage', params)).data as Usage
  const mine = key === null ? [said.total] : said.groups.filter((one) => isKey(one.key, key, by))
  const [sum] = mine
  const who = key === null ? '' : `${key}: `
  const when = `since ${said.since.slice(0, 16).replace('T', ' ')} UTC`
  const { machines_reporting: told, machines: all } = said.coverage
  return {
    answer: sum === undefined ? `${who}nothing was counted ${when}` : `${who}${words(sum)} ${when}`,
    evidence: from('usage', [
      `transcripts of ${told} of ${all} machines were read in time; API-equivalent prices, not a bill`,
      ...few(said.groups.map((one) => `${one.key ?? `${by} unknown`}: ${words(one)}`)),
    ]),
    commands: [
      command(['robot', 'usage', '--since', since, '--by', 'project', '--json'], 'by project'),
      command(['robot', 'usage', '--since', '7d', '--by', 'day', '--json'], 'the last week by day'),
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
