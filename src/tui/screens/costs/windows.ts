import { limitName } from '../../../core/limit-name.ts'
import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { untilWords } from '../../view/age.ts'
import { innerWidth } from '../../view/arrange.ts'
import { levelTone } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { decimal, money, percent, tokens } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { Billing, CostsModel } from './model.ts'

const counted = (one: Billing): Span => {
  if (one.counted === 'provider') return span(`all of ${one.provider}`, 'warn')
  return one.unattributed_tokens === 0
    ? span('this account', 'muted')
    : span(`this account, ${tokens(one.unattributed_tokens)} of nobody known`, 'warn')
}

const columnsAt = (now: Date): readonly Column<Billing>[] => [
  { head: 'ACCOUNT', of: (one) => span(one.label ?? one.account, 'strong'), least: 10, most: 26, keep: 1000 },
  { head: 'PROVIDER', of: (one) => one.provider, least: 9, most: 12, keep: 45 },
  { head: 'WINDOW', of: (one) => limitName(one.provider, one.limit, one.window), least: 4, most: 16, keep: 95 },
  { head: 'USED', align: 'right', of: (one) => span(percent(one.used_pct), levelTone(one.used_pct)), least: 4, keep: 85 },
  { head: 'COST SO FAR', align: 'right', of: (one) => money(one.cost_microusd), least: 7, keep: 90 },
  { head: 'TOKENS', align: 'right', of: (one) => tokens(one.total_tokens), keep: 50 },
  { head: 'ENDS', of: (one) => untilWords(Date.parse(one.resets_at), now.getTime()), least: 6, keep: 80 },
  { head: 'COUNTED', of: counted, least: 8, keep: 40 },
] // biome-ignore format: a table

/** Windows that run now, as what they cost. */
export const windowsPanel = (model: CostsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'windows',
    title: 'Billing windows',
    at,
    answer: view.answers.cost,
    rows: model.windows,
    idOf: (one) => `${one.provider} ${one.account} ${one.limit} ${one.window}`,
    columns: columnsAt(model.now),
    empty: {
      why: 'No window with a known reset runs now.',
      fill: 'Subscription logins of Claude Code and Codex carry them.',
    },
  })

const overhead = (model: CostsModel): readonly Line[] =>
  (model.cost?.overhead ?? []).map((one) => [
    span('idle ', 'warn'),
    span(one.agent, 'strong'),
    span(
      ` ${money(one.microusd_per_hour)}/h over ${decimal(one.idle_hours)} h idle, ${money(one.cost_microusd)}`,
      'muted',
    ),
  ])

const savings = (model: CostsModel, width: number): readonly Line[] =>
  (model.cost?.savings ?? []).flatMap((one) =>
    labelled(
      `save ${money(one.could_save_microusd)}`,
      `${one.model} in ${one.project ?? '?'}: ${one.evidence}`,
      width,
      'plain',
      16,
    ),
  )

/** What was paid for nothing: agents that idle at a price, prompts that miss the cache. */
export const wastePanel = (model: CostsModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'waste',
    title: 'What could be saved',
    at,
    answer: view.answers.cost,
    empty: {
      why: 'No idle agent uses tokens, no prompt misses the cache often.',
      fill: 'Both are found in the ledger, by comparing projects and states of agents.',
    },
    lines: [...overhead(model), ...savings(model, innerWidth(at))],
  })
