import type { TestedChannel } from '../../commands/alert-act.ts'
import { EXIT, usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import type { Tone } from '../io.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

interface ListOptions {
  readonly machine?: string
  readonly rule?: string
  readonly severity?: string
  readonly all?: boolean
  readonly at?: string
  readonly limit?: string
}

interface AlertLine {
  readonly id: string
  readonly severity: string
  readonly status: string
  readonly title: string
  readonly since: string
  readonly fired_at: string | null
  readonly resolved_at: string | null
  readonly acked_at: string | null
  readonly silenced_until: string | null
  readonly closed_at: string | null
  readonly suppressed_by: string | null
  readonly suppresses: number
  readonly evidence: Readonly<Record<string, unknown>>
}

interface AlertsAnswer {
  readonly alerts: readonly AlertLine[]
  readonly more: boolean
  readonly history: readonly {
    readonly at: string
    readonly status: string
    readonly severity: string
    readonly title: string
  }[]
  readonly deliveries: readonly {
    readonly at: string
    readonly transition: string
    readonly channel: string
    readonly attempt: number
    readonly outcome: string
    readonly detail: string | null
  }[]
}

const ask = async (ctx: CliContext, deps: CliDeps, params: Readonly<Record<string, unknown>>) => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const given = Object.entries(params).filter(([, value]) => value !== undefined)
    const reply = await reader.ask({ topic: 'alerts', params: Object.fromEntries(given) })
    return { answer: reply.data as AlertsAnswer, warnings: reply.warnings ?? [] }
  } finally {
    await reader.close()
  }
}

const TONES: Readonly<Record<string, Tone>> = { critical: 'bad', warning: 'warn', info: 'dim' }

const clock = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')}Z`

const marksOf = (alert: AlertLine): string =>
  [
    alert.status === 'firing' ? null : alert.status,
    alert.closed_at && 'closed',
    alert.acked_at && 'acknowledged',
    alert.silenced_until && `silenced until ${clock(alert.silenced_until)}`,
    alert.suppressed_by && `because of ${displayText(alert.suppressed_by, 120)}`,
    alert.suppresses > 0 && `${alert.suppresses} more because of it`,
  ]
    .filter(Boolean)
    .join(', ')

const linesOf = (ctx: CliContext, alert: AlertLine): string => {
  const marks = marksOf(alert)
  const tail = marks === '' ? '' : ` (${marks})`
  return `${ctx.paint(TONES[alert.severity] ?? 'dim', alert.severity)}  ${displayText(alert.title, 300)}${tail}\n  ${ctx.paint('dim', `${displayText(alert.id, 300)}  since ${clock(alert.since)}`)}`
}

const list = async (ctx: CliContext, deps: CliDeps, options: ListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { answer, warnings } = await ask(ctx, deps, { ...options })
  if (format === 'json') return ctx.printJson({ alerts: answer.alerts, more: answer.more, warnings })
  sayWarnings(ctx, warnings)
  const more = answer.more ? ['… and more: raise --limit'] : []
  ctx.print([...answer.alerts.map((alert) => linesOf(ctx, alert)), ...more].join('\n') || 'no alert stands')
}

const show = async (ctx: CliContext, deps: CliDeps, alert: string, options: ListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { answer, warnings } = await ask(ctx, deps, { alert, at: options.at })
  const { history, deliveries } = answer
  if (format === 'json') return ctx.printJson({ ...answer.alerts[0], history, deliveries, warnings })
  const [found] = answer.alerts
  if (found === undefined) return
  sayWarnings(ctx, warnings)
  const evidence = Object.entries(found.evidence).map(
    ([name, value]) => `  ${name}: ${displayText(JSON.stringify(value) ?? '', 300)}`,
  )
  const past = history.map(
    (one) => `  ${clock(one.at)}  ${one.status}, ${one.severity}: ${displayText(one.title, 200)}`,
  )
  const sent = deliveries.map(
    (one) =>
      `  ${clock(one.at)}  ${one.transition} → ${displayText(one.channel)}: ${one.outcome}, attempt ${one.attempt}${one.detail ? ` (${displayText(one.detail)})` : ''}`,
  )
  const parts = [
    linesOf(ctx, found),
    ...(evidence.length > 0 ? ['evidence:', ...evidence] : []),
    ...(past.length > 0 ? ['history, newest first:', ...past] : []),
    ...(sent.length > 0 ? ['told:', ...sent] : []),
  ]
  ctx.print(parts.join('\n'))
}

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 }

/** `30m`, `2h`, `1d`; `0` ends a silence. */
const minutesOf = (text: string): number => {
  const [, count, unit] = /^(\d{1,5})([mhd]?)$/.exec(text.trim()) ?? []
  if (count === undefined || (unit === '' && count !== '0'))
    throw usageError(
      'bad_time',
      `'${displayText(text, 20)}' is no span of time`,
      'write 30m, 2h, 1d, or 0 to end a silence',
    )
  return Number(count) * (MINUTES[unit ?? ''] ?? 0)
}

const act = async (
  ctx: CliContext,
  given: { readonly action: string; readonly alert: string; readonly minutes?: number },
): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { actOnAlert } = await import('../../commands/alert-act.ts')
  const done = await actOnAlert(storePlaces(ctx, await ctx.config()), given)
  if (format === 'json') return ctx.printJson(done)
  const until =
    done.silencedUntilMs === null
      ? 'no longer silenced'
      : `silenced until ${clock(new Date(done.silencedUntilMs).toISOString())}`
  const words: Readonly<Record<string, string>> = {
    ack: 'acknowledged',
    close: 'closed until it is gone',
    silence: until,
  }
  ctx.print(`${words[given.action]}: ${displayText(done.title, 300)}`)
}

const testedLine = (ctx: CliContext, { channel, told }: TestedChannel): string =>
  `${told.ok ? ctx.paint('good', 'told') : ctx.paint('bad', 'not told')}  ${displayText(channel)}${told.detail === null ? '' : `: ${displayText(told.detail)}`}`

const tryChannels = async (ctx: CliContext, channel: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { testChannels } = await import('../../commands/alert-act.ts')
  const tested = await testChannels(storePlaces(ctx, await ctx.config()), channel ?? null)
  if (tested.some(({ told }) => !told.ok)) ctx.exit(EXIT.fault)
  if (format === 'json') return ctx.printJson({ channels: tested })
  ctx.print(tested.map((one) => testedLine(ctx, one)).join('\n') || 'vc.toml has no channel: [[alerts.channels]]')
}

const rules = async (ctx: CliContext): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { listRules } = await import('../../commands/rules-list.ts')
  const lines = listRules(await ctx.config())
  if (format === 'json') return ctx.printJson({ rules: lines })
  const { ageText, tableText } = await import('../table.ts')
  const held = (seconds: number): string => (seconds === 0 ? 'at once' : ageText(seconds))
  const cells = lines.map((one) => [
    one.rule,
    one.enabled ? 'on' : 'off',
    held(one.hold_s),
    displayText(one.about, 200),
  ])
  ctx.print(tableText(['rule', '', 'fires after', 'when'], cells, ctx.paint))
}

export const register: RegisterCommand = (program, deps) => {
  const alert = program
    .command('alert')
    .description('what the rules found: list, acknowledge, silence, close, and try the channels')
    .addHelpText(
      'after',
      '\nExamples:\n  vc alert list\n  vc alert ack disk_low:atlas:/\n  vc alert silence load_high:atlas --for 2h',
    )
  alert
    .command('list')
    .description('alerts that stand, worst first')
    .option('-m, --machine <id>', 'only this machine')
    .option('--rule <rule>', 'only this rule')
    .option('--severity <severity>', 'only critical, warning or info')
    .option('--all', 'resolved and closed ones, and those that have another as cause, too')
    .option('--limit <n>', 'most alerts')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc alert list\n  vc alert list --severity critical --json')
    .action((options: ListOptions, command) => list(contextOf(command, deps), deps, options))
  alert
    .command('show')
    .description('one alert with its evidence, its history and who was told')
    .argument('<alert>', 'its id or the start of it')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc alert show disk_low:atlas')
    .action((id: string, options: ListOptions, command) => show(contextOf(command, deps), deps, id, options))
  alert
    .command('ack')
    .description('somebody looks at it: it is not escalated any more')
    .argument('<alert>', 'its id or the start of it')
    .addHelpText('after', '\nExamples:\n  vc alert ack disk_low:atlas:/')
    .action((id: string, _options, command) => act(contextOf(command, deps), { action: 'ack', alert: id }))
  alert
    .command('silence')
    .description('tell nobody about it for a while; it stays in the list')
    .argument('<alert>', 'its id or the start of it')
    .requiredOption('--for <span>', '30m, 2h, 1d; 0 ends a silence')
    .addHelpText('after', '\nExamples:\n  vc alert silence load_high:atlas --for 2h')
    .action((id: string, options: { readonly for: string }, command) =>
      act(contextOf(command, deps), { action: 'silence', alert: id, minutes: minutesOf(options.for) }),
    )
  alert
    .command('close')
    .description('put it away until it has gone; when it comes back it is a new alert')
    .argument('<alert>', 'its id or the start of it')
    .addHelpText('after', '\nExamples:\n  vc alert close cass_stale:atlas')
    .action((id: string, _options, command) => act(contextOf(command, deps), { action: 'close', alert: id }))
  alert
    .command('rules')
    .description('every rule, how long it holds, and whether it is on')
    .addHelpText('after', '\nExamples:\n  vc alert rules')
    .action((_options, command) => rules(contextOf(command, deps)))
  alert
    .command('test')
    .description('send a test over one channel, or all, now')
    .argument('[channel]', 'its name in vc.toml')
    .addHelpText('after', '\nExamples:\n  vc alert test ops')
    .action((channel: string | undefined, _options, command) => tryChannels(contextOf(command, deps), channel))
}
