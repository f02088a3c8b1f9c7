import type { Command } from 'commander'
import type { IncidentChange } from '../../commands/incident-change.ts'
import { type IncidentDetail, incidentMarkdown, offsetWords } from '../../commands/incident-markdown.ts'
import { VcError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

type Line = IncidentDetail['incident']
interface Answer {
  readonly incidents: readonly Line[]
  readonly detail: IncidentDetail | null
}

interface ListOptions {
  readonly machine?: string
  readonly all?: boolean
  readonly at?: string
}

const ask = async (ctx: CliContext, deps: CliDeps, params: Readonly<Record<string, unknown>>) => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
    const reply = await reader.ask({ topic: 'incidents', params: given })
    return { ...(reply.data as Answer), warnings: reply.warnings ?? [] }
  } finally {
    await reader.close()
  }
}

const detailOf = async (ctx: CliContext, deps: CliDeps, id: string): Promise<IncidentDetail> => {
  const { detail } = await ask(ctx, deps, { id, moments: 10_000 })
  if (detail === null)
    throw new VcError('unknown_incident', `there is no incident ${displayText(id, 40)}`, 'vc incident list --all')
  return detail
}

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

const list = async (ctx: CliContext, deps: CliDeps, options: ListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { incidents, warnings } = await ask(ctx, deps, { ...options })
  if (format === 'json') return ctx.printJson({ incidents, warnings })
  sayWarnings(ctx, warnings)
  if (incidents.length === 0)
    return ctx.print(options.all ? 'no incident ever' : 'no open incident (vc incident list --all shows closed ones)')
  const { tableText } = await import('../table.ts')
  const cells = incidents.map((one) => [
    one.incident,
    one.status,
    one.severity,
    minute(one.opened_at),
    String(one.alerts),
    displayText(one.title, 80),
    displayText(one.likely_cause ?? 'not known', 60),
  ])
  ctx.print(
    tableText(['incident', 'status', 'severity', 'opened (UTC)', 'alerts', 'what', 'likely cause'], cells, ctx.paint),
  )
}

const eventLine = (event: IncidentDetail['timeline'][number]): string =>
  `  ${offsetWords(event.offset_s).padStart(9)}  ${event.kind.padEnd(8)} ${event.machine === null ? '' : `${displayText(event.machine)}: `}${displayText(event.text, 200)} → ${displayText(event.change, 60)}`

const show = async (ctx: CliContext, deps: CliDeps, id: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const detail = await detailOf(ctx, deps, id)
  if (format === 'json') return ctx.printJson(detail)
  const { incident } = detail
  const causes = detail.hypotheses.flatMap((one) => [
    `  ${one.score.toFixed(2)}  ${displayText(one.title, 160)}`,
    ...one.reasons.map((reason) => ctx.paint('dim', `        ${displayText(reason, 200)}`)),
    ctx.paint('dim', `        look: ${displayText(one.look, 120)}`),
  ])
  ctx.print(
    [
      ctx.paint('strong', `${incident.incident}  ${displayText(incident.title, 160)}`),
      `${incident.severity}, ${incident.status}; opened ${minute(incident.opened_at)} UTC by ${displayText(incident.opened_by, 64)}`,
      ...(incident.closed_at === null
        ? []
        : [
            `closed ${minute(incident.closed_at)} UTC by ${displayText(incident.closed_by ?? '?', 64)}: ${displayText(incident.close_reason ?? 'no reason given', 200)}`,
          ]),
      '',
      ctx.paint('strong', 'Likely causes'),
      ...(causes.length > 0 ? causes : ['  nothing vc knows speaks for any cause']),
      '',
      ctx.paint('strong', 'Timeline (against the time it opened)'),
      ...detail.timeline.map(eventLine),
      ...(detail.notes.length === 0 ? [] : ['', ctx.paint('strong', 'Notes')]),
      ...detail.notes.map(
        (note) => `  ${minute(note.ts)}  ${displayText(note.author, 64)}: ${displayText(note.body, 2_000)}`,
      ),
    ].join('\n'),
  )
}

/** The incident again, step by step: each change with the state of the fleet that vc showed at that moment. */
const replay = async (ctx: CliContext, deps: CliDeps, id: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const detail = await detailOf(ctx, deps, id)
  const { reader } = await readerDespite(ctx, deps)
  const steps = []
  try {
    for (const event of detail.timeline) {
      const scene = await reader.ask({ topic: 'health', params: { at: event.ts } }).then(
        (reply) =>
          reply.data as {
            overall: { score: number; active_alerts: number }
            machines: { id: string; status: string; score: number }[]
          },
        () => null,
      )
      const machine = scene?.machines.find((one) => one.id === event.machine)
      steps.push({
        ...event,
        fleet_score: scene?.overall.score ?? null,
        active_alerts: scene?.overall.active_alerts ?? null,
        machine_status: machine?.status ?? null,
        machine_score: machine?.score ?? null,
      })
    }
  } finally {
    await reader.close()
  }
  if (format === 'json') return ctx.printJson({ incident: detail.incident, steps })
  // As the health of the fleet is said everywhere.
  const score = (value: number | null): string => (value === null ? '?' : `${Math.round(value * 100)}%`).padStart(4)
  ctx.print(
    [
      ctx.paint('strong', `${detail.incident.incident}  ${displayText(detail.incident.title, 160)}`),
      ctx.paint('dim', 'offset, fleet health, alerts, what happened; any moment again: vc at <time>'),
    ].join('\n'),
  )
  for (const step of steps)
    ctx.print(
      `${ctx.paint('dim', `[${score(step.fleet_score)} ${String(step.active_alerts ?? '?').padStart(2)}]`)}${eventLine(step)}`,
    )
}

const change = async (ctx: CliContext, given: (actor: string) => IncidentChange): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const places = storePlaces(ctx, await ctx.config())
  const { actorHere, sendIncidentChange } = await import('../../commands/incident-send.ts')
  const done = await sendIncidentChange(places, given(actorHere()))
  if (format === 'json') ctx.printJson(done)
  else ctx.print(`${done.incident} is ${done.status}: ${displayText(done.title, 160)}`)
}

const exportPage = async (ctx: CliContext, deps: CliDeps, id: string, out: string | undefined): Promise<void> => {
  const page = incidentMarkdown(await detailOf(ctx, deps, id))
  if (out === undefined) return ctx.print(page.trimEnd())
  const { writeFile } = await import('node:fs/promises')
  await writeFile(out, page, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new VcError('not_written', `${out} was not written (${error.code})`, 'name a file that does not exist yet')
  })
  ctx.print(`written: ${out}`)
}

const addReading = (incident: Command, deps: CliDeps): void => {
  incident
    .command('list')
    .description('what is going on, newest first')
    .option('-m, --machine <id>', 'only this machine')
    .option('--all', 'closed ones too')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc incident list\n  vc incident list --all --json')
    .action((options: ListOptions, command) => list(contextOf(command, deps), deps, options))
  incident
    .command('show')
    .description('one incident: likely causes with their reasons, timeline, notes')
    .argument('<id>', 'its id, or the beginning or end of it')
    .addHelpText('after', '\nExamples:\n  vc incident show i-20261120-3fa91c')
    .action((id: string, _options: unknown, command) => show(contextOf(command, deps), deps, id))
  incident
    .command('replay')
    .description('the incident again, step by step, with the health of the fleet at each')
    .argument('<id>', 'its id, or the beginning or end of it')
    .addHelpText('after', '\nExamples:\n  vc incident replay 3fa91c')
    .action((id: string, _options: unknown, command) => replay(contextOf(command, deps), deps, id))
  incident
    .command('export')
    .description('one incident as a Markdown page')
    .argument('<id>', 'its id, or the beginning or end of it')
    .option('--out <file>', 'write it there; never over an existing file')
    .addHelpText('after', '\nExamples:\n  vc incident export 3fa91c --out incident.md')
    .action((id: string, options: { readonly out?: string }, command) =>
      exportPage(contextOf(command, deps), deps, id, options.out),
    )
}

const addWriting = (incident: Command, deps: CliDeps): void => {
  incident
    .command('open')
    .description('open one yourself, for what no alert tells')
    .argument('<title>', 'what is going on')
    .option('-m, --machine <id>', 'the machine it is about')
    .option('--severity <severity>', 'critical, warning or info', 'warning')
    .addHelpText('after', '\nExamples:\n  vc incident open "builds are slow since noon" -m atlas')
    .action((title: string, options: { readonly machine?: string; readonly severity: string }, command) =>
      change(contextOf(command, deps), (actor) => ({
        action: 'open',
        title,
        machine: options.machine ?? null,
        severity: options.severity,
        actor,
      })),
    )
  incident
    .command('note')
    .description('write down what you found or did')
    .argument('<id>', 'its id, or the beginning or end of it')
    .argument('<text>', 'the note')
    .addHelpText('after', '\nExamples:\n  vc incident note 3fa91c "old images removed, 40 GB free"')
    .action((id: string, body: string, _options: unknown, command) =>
      change(contextOf(command, deps), (actor) => ({ action: 'note', id, body, actor })),
    )
  incident
    .command('close')
    .description('it is over')
    .argument('<id>', 'its id, or the beginning or end of it')
    .argument('[reason]', 'what it was')
    .addHelpText('after', '\nExamples:\n  vc incident close 3fa91c "disk replaced"')
    .action((id: string, reason: string | undefined, _options: unknown, command) =>
      change(contextOf(command, deps), (actor) => ({ action: 'close', id, reason: reason ?? null, actor })),
    )
}

export const register: RegisterCommand = (program, deps) => {
  const incident = program
    .command('incident')
    .description('troubles that were more than one alert: they open by themselves; note, replay, close, export')
    .addHelpText('after', '\nExamples:\n  vc incident list\n  vc incident show 3fa91c')
  addReading(incident, deps)
  addWriting(incident, deps)
}
