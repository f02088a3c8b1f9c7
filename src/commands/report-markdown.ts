import type * as z from 'zod'
import { displayText } from '../core/text.ts'
import type { report } from '../queries/report.ts'

export type ReportData = z.output<(typeof report)['data']>

const MARKUP = /[\\`*_{}[\]<>#|]/g
const plain = (text: string | null): string => displayText(text ?? 'not known', 300).replace(MARKUP, '\\$&')
const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`
const dollars = (microusd: number): string => `$${(microusd / 1_000_000).toFixed(2)}`

/** `1,234`, `2.3 M`: tokens as people read them. */
const tokenWords = (tokens: number): string =>
  tokens >= 1_000_000 ? `${(tokens / 1_000_000).toFixed(1)} M` : tokens.toLocaleString('en-US')

type Spend = ReportData['cost']['by_model'][number]

// Where nothing has a price, no sum of money is known.
const costWords = (row: Spend): string =>
  row.tokens > 0 && row.unpriced_tokens === row.tokens ? 'not known' : dollars(row.cost_microusd)

const spendRows = (what: string, rows: readonly Spend[]): string[] =>
  rows.length === 0
    ? []
    : [
        '',
        `| ${what} | tokens | cost | unpriced tokens |`,
        '| --- | ---: | ---: | ---: |',
        ...rows.map(
          (row) =>
            `| ${plain(row.label ?? row.key)} | ${tokenWords(row.tokens)} | ${costWords(row)} | ${row.unpriced_tokens === 0 ? '' : tokenWords(row.unpriced_tokens)} |`,
        ),
      ]

const list = (lines: readonly string[], none: string): string[] =>
  lines.length > 0 ? lines.map((l) => `- ${l}`) : [none]

/** So many sources of a machine that fail alike are still said one by one. */
const SINGLY = 2

/** So many lines of sources a page holds; how many more there are is said. */
const MOST = 10

// A machine that cannot be reached fails with all its sources: that is one line, not thirty.
const failed = (sources: ReportData['wrong']['sources']): string[] => {
  const alike = [...Map.groupBy(sources, ({ machine, fault }) => `${machine} ${fault}`).values()]
  const told = alike.flatMap((some) => (some.length <= SINGLY ? some.map((one) => [one]) : [some]))
  const lines = told.slice(0, MOST).map((some) => {
    const [{ source, machine, fault } = { source: '', machine: '', fault: null }] = some
    const sum = (of: 'failed' | 'runs'): number => some.reduce((so, one) => so + one[of], 0)
    const who = some.length === 1 ? plain(source) : `${some.length} sources`
    return `${who} on ${plain(machine)} failed ${sum('failed')} of ${sum('runs')} times (${plain(fault)})`
  })
  const left = told.slice(MOST).flat().length
  return left === 0 ? lines : [...lines, `and ${left} more sources (vc robot scrapes --down --json)`]
}

const wrong = ({ wrong: { incidents, alerts, agents, sources } }: ReportData): string[] => [
  ...list(
    [
      ...incidents.map(
        (one) =>
          `**${plain(one.title)}** (incident ${one.incident}, ${one.severity}, ${one.status}, ${minute(one.opened_at)})`,
      ),
      ...alerts.map((one) => `${one.severity}: ${plain(one.title)}${one.times > 1 ? ` (${one.times} times)` : ''}`),
      ...agents.map(
        (one) => `${plain(one.agent)} was ${plain(one.state)}${one.times > 1 ? ` ${one.times} times` : ''}`,
      ),
      ...failed(sources),
    ],
    'Nothing that vc saw.',
  ),
]

const done = ({ done: { repos, beads, beads_closed } }: ReportData): string[] =>
  list(
    [
      ...repos.map(
        (one) =>
          `${plain(one.path)} on ${plain(one.machine)} moved ${one.changes === 1 ? 'once' : `${one.changes} times`}`,
      ),
      ...beads.map((one) => `bead ${plain(one.bead)} closed: ${plain(one.title)}`),
      ...(beads_closed > beads.length ? [`and ${beads_closed - beads.length} more beads`] : []),
    ],
    'No commit and no closed bead that vc saw.',
  )

const trendRows = (data: ReportData): string[] => {
  const value = (figure: string, n: number | null): string =>
    n === null
      ? 'not known'
      : figure === 'cost_microusd'
        ? dollars(n)
        : figure.includes('tokens')
          ? tokenWords(n)
          : String(n)
  return [
    '| figure | now | before | change |',
    '| --- | ---: | ---: | ---: |',
    ...data.trends.map(
      (one) =>
        `| ${one.figure === 'cost_microusd' ? 'cost' : one.figure.replaceAll('_', ' ')} | ${value(one.figure, one.now)} | ${value(one.figure, one.before)} | ${one.change_pct === null ? '' : `${one.change_pct > 0 ? '+' : ''}${one.change_pct} %`} |`,
    ),
  ]
}

/** The digest as a page. */
export const reportMarkdown = (data: ReportData, warnings: readonly string[]): string =>
  [
    `# Fleet report, ${minute(data.since)} to ${minute(data.until)}`,
    ...warnings.map((text) => `\n> ${plain(text)}`),
    '',
    '## What ran',
    '',
    `${data.ran.agents} agents in ${data.ran.sessions} sessions on ${data.ran.machines} machines, ${data.ran.messages} messages.`,
    ...spendRows('machine', data.ran.by_machine),
    '',
    '## What it cost',
    '',
    `${dollars(data.cost.cost_microusd)} (API-equivalent) for ${tokenWords(data.cost.tokens)} tokens${data.cost.unpriced_tokens > 0 ? `, ${tokenWords(data.cost.unpriced_tokens)} of them without a known price` : ''}.`,
    ...spendRows('model', data.cost.by_model),
    ...spendRows('account', data.cost.by_account),
    '',
    '## What went wrong',
    '',
    ...wrong(data),
    '',
    '## What was done',
    '',
    ...done(data),
    '',
    '## Where it was spent',
    ...(data.top_repos.length === 0 ? ['', 'Nothing was spent that vc saw.'] : spendRows('project', data.top_repos)),
    '',
    '## Accounts at the end',
    '',
    ...list(
      data.accounts.map(
        (one) =>
          `${plain(one.account)} ${plain(one.window)}: ${one.used_pct === null ? 'not known' : `${Math.round(one.used_pct)} % used`}`,
      ),
      'No account is known.',
    ),
    '',
    '## Against the window before',
    '',
    ...trendRows(data),
    '',
  ].join('\n')
