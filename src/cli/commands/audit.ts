import { displayText } from '../../core/text.ts'
import type { AuditLine } from '../../queries/audit.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

interface Answer {
  readonly actions: readonly AuditLine[]
  readonly steps: readonly { readonly step: string; readonly ts: string; readonly outcome: string | null }[] | null
}

interface ListOptions {
  readonly machine?: string
  readonly agent?: string
  readonly outcome?: string
  readonly since?: string
  readonly limit?: string
  readonly at?: string
}

const ask = async (ctx: CliContext, deps: CliDeps, params: Readonly<Record<string, unknown>>) => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
    const reply = await reader.ask({ topic: 'audit', params: given })
    return { ...(reply.data as Answer), warnings: reply.warnings ?? [] }
  } finally {
    await reader.close()
  }
}

const second = (iso: string): string => iso.slice(0, 19).replace('T', ' ')
const about = (one: AuditLine): string => one.agent ?? one.subject ?? one.machine
const outcome = (one: AuditLine): string => `${one.outcome ?? 'under way'}${one.code === null ? '' : ` (${one.code})`}`

const list = async (ctx: CliContext, deps: CliDeps, options: ListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { actions, warnings } = await ask(ctx, deps, { ...options })
  if (format === 'json') return ctx.printJson({ actions, warnings })
  sayWarnings(ctx, warnings)
  if (actions.length === 0) return ctx.print('nothing was done or refused in that time')
  const { tableText } = await import('../table.ts')
  const cells = actions.map((one) => [
    one.audit,
    second(one.ts),
    one.verb,
    displayText(about(one), 40),
    displayText(outcome(one), 40),
    displayText(one.caller_agent === null ? one.actor : `${one.actor} in ${one.caller_agent}`, 30),
  ])
  ctx.print(tableText(['audit', 'when (UTC)', 'what', 'of', 'outcome', 'who'], cells, ctx.paint))
}

const show = async (ctx: CliContext, deps: CliDeps, id: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { actions, steps, warnings } = await ask(ctx, deps, { id })
  const [one] = actions
  if (format === 'json' || one === undefined) return ctx.printJson({ action: one ?? null, steps, warnings })
  sayWarnings(ctx, warnings)
  const params = Object.entries(one.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  ctx.print(
    [
      ctx.paint('strong', `${one.audit}  ${one.verb} of ${displayText(about(one), 80)}`),
      `why: ${displayText(one.why, 300)} (${one.class})`,
      `who: ${displayText(one.actor, 64)}, ${one.origin}${one.caller_pid === null ? '' : `, process ${one.caller_pid}`}${one.caller_agent === null ? '' : ` below ${displayText(one.caller_agent, 32)}`}`,
      ...(one.mandate === null ? [] : [`granted by: ${one.mandate}`]),
      ...(one.dialog === null ? [] : [`dialog: ${one.dialog}`]),
      ...(params.length === 0 ? [] : [`with: ${displayText(params.join(' '), 600)}`]),
      `outcome: ${outcome(one)}${one.detail === null ? '' : `: ${displayText(one.detail, 500)}`}`,
      ...one.effects.map(
        (effect) =>
          `  ${effect.observed ? 'seen' : 'not seen'}: ${displayText(effect.what, 200)}${effect.evidence === null ? '' : ` (${displayText(effect.evidence, 120)})`}`,
      ),
      ...(steps ?? []).map(({ step, ts }) => ctx.paint('dim', `  ${second(ts)}  ${step}`)),
    ].join('\n'),
  )
}

export const register: RegisterCommand = (program, deps) => {
  const audit = program
    .command('audit')
    .description('what was done to machines and agents, by whom, and what vc saw of it')
    .addHelpText(
      'after',
      '\nExamples:\n  vc audit list --since 24h\n  vc audit list --outcome refused\n  vc audit show a-20261121-3fa91c2b',
    )
  audit
    .command('list')
    .description('actions, newest first; refused ones too')
    .option('-m, --machine <id>', 'only on this machine')
    .option('--agent <id>', 'only of this agent')
    .option('--outcome <outcome>', 'recorded, queued, done, verified, refused, outcome_unknown or under_way')
    .option('--since <when>', 'an age such as 2h, or an ISO time (default: 7d)')
    .option('--limit <n>', 'most actions (default: 100)')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText(
      'after',
      '\nExamples:\n  vc audit list\n  vc audit list --agent atlas/claude-7k2m --since 2h --json\n  vc audit list --outcome outcome_unknown',
    )
    .action((options: ListOptions, command) => list(contextOf(command, deps), deps, options))
  audit
    .command('show')
    .description('one action: who, why, with what, and its steps')
    .argument('<id>', 'its audit id, or the beginning of it')
    .addHelpText('after', '\nExamples:\n  vc audit show a-20261121-3fa91c2b')
    .action((id: string, _options: unknown, command) => show(contextOf(command, deps), deps, id))
}
