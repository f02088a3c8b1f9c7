import type { Command } from 'commander'
import { usageError } from '../../core/errors.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { actOnQueue } from '../mission-act.ts'
import { addWorkOptions, readText, several, type WorkOptions, workOf } from '../mission-options.ts'
import { listMissions } from '../mission-tables.ts'

interface EmitOptions extends WorkOptions {
  readonly title?: string
  readonly payload?: string
  readonly payloadFile?: string
}

const emit = async (ctx: CliContext, type: string, options: EmitOptions): Promise<void> => {
  if (options.to === undefined && options.role === undefined)
    throw usageError('no_addressee', 'an event needs somebody it is for', 'add --to <agent> or --role <role>')
  const payload = options.payloadFile === undefined ? options.payload : await readText(ctx, options.payloadFile)
  const { title = type } = options
  return actOnQueue(ctx, 'add', {
    missions: [{ ...workOf(options), title, event_type: type, payload: payload ?? null }],
  })
}

interface DoneOptions {
  readonly as?: string
  readonly claim?: string
  readonly failed?: boolean
  readonly message?: string
  readonly output?: string
}

const done = (ctx: CliContext, mission: string, options: DoneOptions): Promise<void> => {
  const { as = null, claim = null, failed, message = null, output = null } = options
  const report = { mission, as, claim, output }
  return failed ? actOnQueue(ctx, 'fail', { ...report, message }) : actOnQueue(ctx, 'complete', report)
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  vc event ${line}`).join('\n')}`

const addCommands = (event: Command, deps: CliDeps): void => {
  addWorkOptions(
    event
      .command('emit')
      .description('tell an agent or a role something, kept until somebody has done with it')
      .argument('<type>', 'what happened, such as ROUTE_TASK')
      .option('--title <text>', 'in a line; default the type')
      .option('--payload <json>', 'its data')
      .option('--payload-file <path>', 'its data from a file, or - for stdin'),
  )
    .addHelpText('after', examples(`emit ROUTE_TASK --to cab --payload '{"task":"T001","to":"InTests"}'`))
    .action((type: string, options: EmitOptions, command) => emit(contextOf(command, deps), type, options))
  event
    .command('claim')
    .description('take the next event that is for you')
    .requiredOption('--as <name>', 'who you are')
    .option('--role <role>', 'the role you work in')
    .option('--type <type>', 'only such events; several times', several)
    .addHelpText('after', `${examples('claim --as cab --type ROUTE_TASK')}\n\nNothing there: exit code 4.`)
    .action((options: { readonly as: string; readonly role?: string; readonly type?: readonly string[] }, command) =>
      actOnQueue(contextOf(command, deps), 'claim', {
        ...{ as: options.as, role: options.role ?? null, events: options.type ?? 'all' },
      }),
    )
  event
    .command('done')
    .description('you have done with it')
    .argument('<event>', 'its id')
    .option('--as <name>', 'who you are')
    .option('--claim <id>', 'the claim, as vc event claim answered')
    .option('--failed', 'it could not be done; somebody may try again')
    .option('--message <text>', 'why it failed')
    .option('--output <text>', 'what came of it')
    .addHelpText('after', examples('done m-31 --as cab'))
    .action((id: string, options: DoneOptions, command) => done(contextOf(command, deps), id, options))
  event
    .command('list')
    .description('events that nobody has done with yet')
    .option('--all', 'ended ones too')
    .addHelpText('after', examples('list'))
    .action((options: { readonly all?: boolean }, command) =>
      listMissions(contextOf(command, deps), deps, { ...options, events: true }),
    )
}

export const register: RegisterCommand = (program, deps) => {
  const event = program
    .command('event')
    .description('messages to agents and roles that are claimed and done with: the queue of missions')
    .addHelpText('after', examples('emit ROUTE_TASK --to cab', 'claim --as cab', 'done m-31 --as cab'))
  addCommands(event, deps)
}
