import type { Command } from 'commander'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { actOnQueue } from '../mission-act.ts'
import { readText, several } from '../mission-options.ts'
import { askMissions, type ConvoyLine, listMissions } from '../mission-tables.ts'
import { readPast } from '../read-past.ts'
import { tableText } from '../table.ts'

interface CreateOptions {
  readonly lane: string
  readonly mission?: readonly string[]
  readonly file?: string
}

const missionsOf = async (ctx: CliContext, { mission = [], file }: CreateOptions): Promise<readonly unknown[]> => {
  const id = mission.find((title) => /^m-\d+$/.test(title))
  if (id !== undefined)
    throw usageError(
      'mission_id',
      `${id} is the name of a mission; --mission makes a new one with that title`,
      `make the convoy without it, then: vc convoy add <convoy> ${id}`,
    )
  const titled = mission.map((title) => ({ title }))
  if (file === undefined) return titled
  try {
    const listed: unknown = JSON.parse(await readText(ctx, file))
    if (Array.isArray(listed)) return [...listed, ...titled]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw usageError(
    'bad_batch',
    `${displayText(file, 200)} is no JSON list`,
    'a list of missions; vc mission add --help',
  )
}

/** The lane of a convoy is that of its missions, where they name none. */
const withLane = (mission: unknown, lane: string): unknown =>
  typeof mission === 'object' && mission !== null ? { lane, ...mission } : mission

const create = async (ctx: CliContext, title: string, options: CreateOptions): Promise<void> => {
  const missions = await missionsOf(ctx, options)
  if (missions.length === 0)
    throw usageError('empty_convoy', 'a convoy needs missions', 'vc convoy create "…" --mission "one" --mission "two"')
  return actOnQueue(ctx, 'add', {
    convoy: { title, lane: options.lane },
    missions: missions.map((one) => withLane(one, options.lane)),
  })
}

const pct = (value: number | null): string => (value === null ? '?' : `${Math.floor(value)} %`)

const cells = (one: ConvoyLine): readonly string[] => [
  one.convoy,
  one.status,
  one.lane,
  pct(one.done_pct),
  `${one.counts.done ?? 0}/${one.total}`,
  String(one.counts.running ?? 0),
  String(one.counts.failed ?? 0),
  displayText(one.title, 80),
]

const HEAD = ['convoy', 'status', 'lane', 'done', 'missions', 'running', 'failed', 'what']

const list = async (ctx: CliContext, deps: CliDeps, at: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { convoys } = await askMissions(ctx, deps, { at, limit: 1, batches: 100_000 })
  if (format === 'json') return ctx.printJson({ convoys })
  ctx.print(convoys.length === 0 ? 'no convoy yet (vc convoy create)' : tableText(HEAD, convoys.map(cells), ctx.paint))
}

const show = async (ctx: CliContext, deps: CliDeps, id: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { convoys, missions } = await askMissions(ctx, deps, { convoy: id, all: true, limit: 10_000 })
  const found = convoys.find((one) => one.convoy === id)
  if (found === undefined)
    throw usageError('unknown_convoy', `there is no convoy ${displayText(id, 64)}`, 'vc convoy list')
  if (format === 'json') return ctx.printJson({ convoy: found, missions })
  ctx.print(tableText(HEAD, [cells(found)], ctx.paint))
  await listMissions(ctx, deps, { convoy: id, all: true, limit: '10000' })
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  vc convoy ${line}`).join('\n')}`

const addCommands = (convoy: Command, deps: CliDeps): void => {
  convoy
    .command('create')
    .description('a batch of missions, with progress of its own')
    .argument('<title>', 'what they bring together')
    .option('--lane <lane>', 'critical, standard or experimental', 'standard')
    .option('--mission <title>', 'a mission of it; several times', several)
    .option('--file <path>', 'a JSON list of missions, or - for stdin; they may name each other by "ref"')
    .addHelpText(
      'after',
      examples('create "user story 1" --mission "model" --mission "view"', 'create "release" --file tasks.json'),
    )
    .action((title: string, options: CreateOptions, command) => create(contextOf(command, deps), title, options))
  convoy
    .command('list')
    .description('every batch and how far it is')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .addHelpText('after', examples('list'))
    .action((options: { readonly at?: string }, command) => list(contextOf(command, deps), deps, options.at))
  convoy
    .command('show')
    .description('one batch with its missions')
    .argument('<convoy>', 'its id')
    .addHelpText('after', examples('show c-3'))
    .action((id: string, _options: unknown, command) => show(contextOf(command, deps), deps, id))
  convoy
    .command('add')
    .description('put missions that exist into a batch')
    .argument('<convoy>', 'its id')
    .argument('<missions...>', 'their ids')
    .addHelpText('after', examples('add c-3 m-12 m-13'))
    .action((id: string, missions: readonly string[], _options: unknown, command) =>
      actOnQueue(contextOf(command, deps), 'join', { convoy: id, missions }),
    )
}

export const register: RegisterCommand = (program, deps) => {
  const convoy = program
    .command('convoy')
    .description('batches of missions with progress (those of gastown: vc robot convoys)')
    .addHelpText('after', examples('create "user story 1" --mission "model" --mission "view"', 'list'))
  addCommands(convoy, deps)
}
