import { askMoment } from '../../commands/at-moment.ts'
import { displayText } from '../../core/text.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import type { Paint } from '../io.ts'
import { sayWarnings } from '../say-warnings.ts'

interface Line {
  readonly [name: string]: string | number | null
}

interface DiffAnswer {
  readonly from: string
  readonly to: string
  readonly machines: readonly Line[]
  readonly agents: readonly Line[]
  readonly alerts: {
    readonly opened: readonly Line[]
    readonly resolved: readonly Line[]
    readonly passed: readonly Line[]
  }
  readonly repos: readonly Line[]
  readonly accounts: readonly Line[]
  readonly versions: readonly Line[]
}

const word = (value: string | number | null | undefined): string => displayText(String(value ?? '?'), 120)
const arrow = (from: string | number | null | undefined, to: string | number | null | undefined): string =>
  `${from === null || from === undefined ? '(nothing)' : word(from)} → ${to === null || to === undefined ? '(nothing)' : word(to)}`
const because = (why: string | number | null | undefined): string => (why ? `: ${word(why)}` : '')

const repoWords = (line: Line): string => {
  if (line.change !== 'changed') return String(line.change)
  const parts = [
    ...(line.became === null ? [] : [String(line.became)]),
    ...(line.branch_from === line.branch_to ? [] : [`branch ${arrow(line.branch_from, line.branch_to)}`]),
    ...(line.ahead_from === line.ahead_to ? [] : [`ahead ${arrow(line.ahead_from, line.ahead_to)}`]),
  ]
  return parts.join(', ')
}

const pctWords = (value: string | number | null | undefined): string | null =>
  typeof value === 'number' ? `${Math.round(value * 10) / 10} %` : null

const linesOf = (diff: DiffAnswer): readonly (readonly [string, readonly string[]])[] => [
  ['Machines', diff.machines.map((m) => `${word(m.machine)}  ${arrow(m.from, m.to)}${because(m.why)}`)],
  ['Agents', diff.agents.map((a) => `${word(a.agent)}  ${arrow(a.from, a.to)}${because(a.reason)}`)],
  ['Alerts opened', diff.alerts.opened.map((a) => `${word(a.severity)}  ${word(a.title)}`)],
  ['Alerts resolved', diff.alerts.resolved.map((a) => `${word(a.severity)}  ${word(a.title)}`)],
  ['Alerts that came and went', diff.alerts.passed.map((a) => `${word(a.severity)}  ${word(a.title)}`)],
  ['Repositories', diff.repos.map((r) => `${word(r.machine)}:${word(r.path)}  ${repoWords(r)}`)],
  [
    'Accounts',
    diff.accounts.map(
      (a) => `${word(a.account)} ${word(a.window)}  ${arrow(pctWords(a.used_pct_from), pctWords(a.used_pct_to))}`,
    ),
  ],
  ['Versions', diff.versions.map((v) => `${word(v.machine)} ${word(v.what)}  ${arrow(v.from, v.to)}`)],
]

/** The answer as text: what changed, by subject; subjects without a change are left out. */
export const diffText = (diff: DiffAnswer, paint: Paint): string => {
  const when = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`
  const head = paint('strong', `From ${when(diff.from)} to ${when(diff.to)}`)
  const parts = linesOf(diff).filter(([, lines]) => lines.length > 0)
  if (parts.length === 0) return `${head}\nnothing changed that vc knows of`
  return [
    head,
    ...parts.map(([title, lines]) => `${paint('strong', title)}\n${lines.map((l) => `  ${l}`).join('\n')}`),
  ].join('\n\n')
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('diff')
    .description('what changed between two times')
    .argument('<from>', 'the earlier time: 03:12, 2h ago, yesterday 14:00, an ISO time')
    .argument('[to]', 'the later time; default now')
    .option('-m, --machine <id>', 'only this machine')
    .addHelpText(
      'after',
      '\nExamples:\n  vc diff 2h\n  vc diff "yesterday 18:00" 08:00\n  vc diff 03:00 03:30 -m atlas --json',
    )
    .action(async (from: string, to: string | undefined, options: { readonly machine?: string }, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const now = new Date()
      const params = {
        from: askMoment(from, now).toISOString(),
        limit: 100_000,
        ...(to === undefined || to === 'now' ? {} : { to: askMoment(to, now).toISOString() }),
        ...(options.machine === undefined ? {} : { machine: options.machine }),
      }
      const { reader } = await readerDespite(ctx, deps)
      try {
        const reply = await reader.ask({ topic: 'diff', params })
        if (format === 'json') return ctx.printJson({ ...(reply.data as DiffAnswer), warnings: reply.warnings ?? [] })
        sayWarnings(ctx, reply.warnings)
        ctx.print(diffText(reply.data as DiffAnswer, ctx.paint))
      } finally {
        await reader.close()
      }
    })
}
