import type { agents } from '../../../queries/agents.ts'
import type { explain } from '../../../queries/explain.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { lyingS } from '../../view/lying.ts'
import { found, onMachine } from '../../view/narrowed.ts'
import { STATE_SIGNS } from '../../view/state-sign.ts'

type Agents = DataOf<typeof agents>
export type AgentLine = Agents['agents'][number]
export type Explained = DataOf<typeof explain>
type Usage = DataOf<typeof usage>

export interface AgentsModel {
  /** Who needs a person first. */
  readonly agents: readonly AgentLine[]
  readonly allAgents: number
  /** Also those that the filter hides. */
  readonly everyone: readonly AgentLine[]
  readonly selected: AgentLine | null
  /** What is stored of the selected one; null until it came. */
  readonly explained: Explained | null
  /** Tokens of today by agent id. */
  readonly tokensOf: ReadonlyMap<string, number>
}

const TURNS = 60

const order = Object.keys(STATE_SIGNS)

const byNeed = (a: AgentLine, b: AgentLine): number =>
  order.indexOf(a.state) - order.indexOf(b.state) || a.agent.localeCompare(b.agent)

const byName = (a: AgentLine, b: AgentLine): number => a.agent.localeCompare(b.agent)

const byAge = (a: AgentLine, b: AgentLine): number =>
  (a.since ?? '9').localeCompare(b.since ?? '9') || a.agent.localeCompare(b.agent)

export const SORTS = { need: byNeed, name: byName, longest: byAge } as const
export type Sort = keyof typeof SORTS

export const sortOf = (view: ScreenView): Sort =>
  (Object.keys(SORTS) as Sort[]).find((sort) => sort === view.options.sort) ?? 'need'

const PROVIDER: Readonly<Record<string, string>> = { claude: 'anthropic', codex: 'openai', gemini: 'google' }

const shown = (view: ScreenView): readonly AgentLine[] =>
  (dataOf<Agents>(view, 'agents')?.agents ?? [])
    .map((one) => ({
      ...one,
      judged_age_s: one.judged_age_s === null ? null : one.judged_age_s + lyingS(view.answers.agents),
    }))
    .filter(
      (one) =>
        onMachine(view.filter, one.machine) &&
        (view.filter.provider === null || (PROVIDER[one.cli] ?? one.cli) === view.filter.provider) &&
        (view.filter.repo === null || (one.cwd ?? '').includes(view.filter.repo)) &&
        found(view.filter, one.agent, one.cwd, one.state, one.reason, one.account, one.role, one.rig),
    )
    .sort(SORTS[sortOf(view)])

const selectedOf = (view: ScreenView, rows: readonly AgentLine[]): AgentLine | null =>
  rows.find((one) => one.agent === view.chosen.agents) ?? rows[0] ?? null

export const agentsAsks = (view: ScreenView): readonly ScreenAsk[] => {
  const selected = selectedOf(view, shown(view))
  return [
    { as: 'agents', topic: 'agents' },
    { as: 'spent', topic: 'usage', params: { since: 'today', by: 'agent' }, everyMs: 30_000 },
    ...(selected === null
      ? []
      : [{ as: 'explain', topic: 'explain', params: { id: selected.agent, turns: TURNS }, everyMs: 3_000 }]),
  ]
}

export const agentsModel = (view: ScreenView): AgentsModel => {
  const rows = shown(view)
  const selected = selectedOf(view, rows)
  const explained = dataOf<Explained>(view, 'explain')
  const groups = dataOf<Usage>(view, 'spent')?.groups ?? []
  const everyone = dataOf<Agents>(view, 'agents')?.agents ?? []
  return {
    agents: rows,
    allAgents: everyone.length,
    everyone,
    selected,
    explained: explained !== null && explained.agent.agent_id === selected?.agent ? explained : null,
    tokensOf: new Map(groups.flatMap((one) => (one.key === null ? [] : [[one.key, one.total_tokens] as const]))),
  }
}
