import type { Command } from 'commander'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { actAndPrint } from '../act.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { actOnQueue } from '../mission-act.ts'
import { addWorkOptions, countOption, readText, several, type WorkOptions, workOf } from '../mission-options.ts'
import { listMissions, type MissionListOptions, showMission, showStats } from '../mission-tables.ts'
import { readPast } from '../read-past.ts'

type Wish = Readonly<Record<string, unknown>>

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  vc mission ${line}`).join('\n')}`

interface AddOptions extends WorkOptions {
  readonly prompt?: string
  readonly promptFile?: string
  readonly contextFile?: string
  readonly batch?: string
}

const parsedBatch = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw usageError('bad_batch', `${displayText(path, 200)} is not JSON`, 'a list of missions; vc mission add --help')
  }
}

const add = async (ctx: CliContext, title: string | undefined, options: AddOptions): Promise<void> => {
  if (options.batch !== undefined)
    return actOnQueue(ctx, 'add', { missions: parsedBatch(await readText(ctx, options.batch), options.batch) })
  if (title === undefined)
    throw usageError('no_title', 'the mission has no title', 'vc mission add "what is to be done"')
  const prompt = options.promptFile === undefined ? options.prompt : await readText(ctx, options.promptFile)
  const context = options.contextFile === undefined ? undefined : await readText(ctx, options.contextFile)
  return actOnQueue(ctx, 'add', {
    missions: [{ title, prompt: prompt ?? null, context: context ?? null, ...workOf(options) }],
  })
}

interface BeadOptions {
  readonly project?: string
  readonly machine?: string
  readonly lane: string
  readonly role?: string
  readonly convoy?: string
}

interface ReportOptions {
  readonly as?: string
  readonly claim?: string
  readonly output?: string
  readonly outputFile?: string
  readonly inputTokens?: string
  readonly outputTokens?: string
  readonly costMicrousd?: string
  readonly code?: string
  readonly message?: string
  readonly final?: boolean
}

const reporterOf = (mission: string, { as, claim }: ReportOptions): Wish => ({
  ...{ mission, as: as ?? null, claim: claim ?? null },
})

const reportOf = async (ctx: CliContext, mission: string, options: ReportOptions): Promise<Wish> => ({
  ...reporterOf(mission, options),
  input_tokens: countOption(options.inputTokens, 'input-tokens') ?? null,
  output_tokens: countOption(options.outputTokens, 'output-tokens') ?? null,
  cost_microusd: countOption(options.costMicrousd, 'cost-microusd') ?? null,
  output: options.outputFile === undefined ? (options.output ?? null) : await readText(ctx, options.outputFile),
})

const asReporter = (command: Command): Command =>
  command
    .argument('<mission>', 'its id')
    .option('--as <name>', 'who you are: the name you claimed it with')
    .option('--claim <id>', 'the claim, as vc mission claim answered')

const withUsage = (command: Command): Command =>
  asReporter(command)
    .option('--output <text>', 'what came of it')
    .option('--output-file <path>', 'the same from a file, or - for stdin')
    .option('--input-tokens <n>', 'tokens read')
    .option('--output-tokens <n>', 'tokens written')
    .option('--cost-microusd <n>', 'US dollars × 1,000,000')

interface ClaimOptions {
  readonly as: string
  readonly role?: string
  readonly type?: readonly string[]
  readonly lane?: readonly string[]
  readonly machine?: string
  readonly mission?: string
  readonly withEvents?: boolean
}

const addGiving = (mission: Command, deps: CliDeps): void => {
  addWorkOptions(
    mission
      .command('add')
      .description('put a mission into the queue')
      .argument('[title]', 'what is to be done, in a line')
      .option('--type <type>', 'coding, review, analysis, … decides which model suits', 'general')
      .option('--prompt <text>', 'the task')
      .option('--prompt-file <path>', 'the task from a file, or - for stdin')
      .option('--context-file <path>', 'what helps to understand it')
      .option('--batch <path>', 'many at once: a JSON list, or - for stdin; they may name each other by "ref"'),
  )
    .addHelpText(
      'after',
      examples(
        'add "review PR 123" --type review --priority high --role reviewer',
        'add "mend the build" --prompt-file task.md --after m-12 --timeout 4h',
        'add --batch - <<< \'[{"title":"build","ref":"b"},{"title":"test","depends_on":["b"]}]\'',
      ),
    )
    .action((title: string | undefined, options: AddOptions, command) => add(contextOf(command, deps), title, options))
  mission
    .command('from-bead')
    .description('take issues of bd or br into the queue; what they wait on comes with them or is there already')
    .argument('<issues...>', 'their ids')
    .option('--project <folder>', 'folder or name of the project, where an id is in several')
    .option('-m, --machine <id>', 'as this machine has it')
    .option('--lane <lane>', 'critical, standard or experimental', 'standard')
    .option('--role <role>', 'only this role may claim it')
    .option('--convoy <id>', 'the batch they belong to')
    .addHelpText('after', examples('from-bead bd-12', 'from-bead bd-12 bd-13 --role coder'))
    .action((beads: readonly string[], options: BeadOptions, command) =>
      actOnQueue(contextOf(command, deps), 'from_bead', {
        ...{ beads, project: options.project ?? null, machine: options.machine ?? null },
        with: { lane: options.lane, to_role: options.role ?? null, convoy: options.convoy ?? null },
      }),
    )
  mission
    .command('note')
    .description('write how it ended on the issue it came from, with the tool that keeps the issue')
    .argument('<mission>', 'its id')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')
    .addHelpText('after', examples('note m-12'))
    .action((id: string, { yes = false }: { readonly yes?: boolean }, command) =>
      actAndPrint(contextOf(command, deps), deps, { verb: 'mission.note', params: { mission: id } }, { yes }),
    )
  mission
    .command('cancel')
    .description('nobody shall do it any more')
    .argument('<mission>', 'its id')
    .option('--reason <text>', 'why')
    .addHelpText('after', examples('cancel m-12 --reason "done by hand"'))
    .action((id: string, options: { readonly reason?: string }, command) =>
      actOnQueue(contextOf(command, deps), 'cancel', { mission: id, reason: options.reason ?? null }),
    )
  mission
    .command('retry')
    .description('try a failed or cancelled mission again, with a fresh budget')
    .argument('<mission>', 'its id')
    .addHelpText('after', examples('retry m-12'))
    .action((id: string, _options: unknown, command) => actOnQueue(contextOf(command, deps), 'retry', { mission: id }))
}

const addWorking = (mission: Command, deps: CliDeps): void => {
  mission
    .command('claim')
    .description('take the mission whose turn it is; nobody else gets it while your claim holds')
    .requiredOption('--as <name>', 'who you are: agent id or any name')
    .option('--role <role>', 'the role you work in')
    .option('--type <type>', 'only such missions; several times', several)
    .option('--lane <lane>', 'only this lane; several times', several)
    .option('-m, --machine <id>', 'the machine you work on')
    .option('--mission <id>', 'exactly this one')
    .option('--with-events', 'events addressed to you too')
    .addHelpText('after', `${examples('claim --as atlas/claude-7k2m --role coder')}\n\nNothing ready: exit code 4.`)
    .action((options: ClaimOptions, command) =>
      actOnQueue(contextOf(command, deps), 'claim', {
        ...{ as: options.as, role: options.role ?? null, types: options.type ?? null, lanes: options.lane ?? null },
        ...{ machine: options.machine ?? null, mission: options.mission ?? null },
        events: options.withEvents ? 'any' : 'none',
      }),
    )
  asReporter(mission.command('heartbeat').description('you are still at it: the claim holds longer'))
    .addHelpText('after', examples('heartbeat m-12 --as atlas/claude-7k2m'))
    .action((id: string, options: ReportOptions, command) =>
      actOnQueue(contextOf(command, deps), 'heartbeat', reporterOf(id, options)),
    )
  withUsage(mission.command('complete').description('it is done'))
    .addHelpText('after', examples('complete m-12 --as atlas/claude-7k2m --output-file result.md --output-tokens 5210'))
    .action(async (id: string, options: ReportOptions, command) => {
      const ctx = contextOf(command, deps)
      return actOnQueue(ctx, 'complete', await reportOf(ctx, id, options))
    })
  withUsage(mission.command('fail').description('it could not be done; tried again while its budget lasts'))
    .option('--code <word>', 'a word for the reason', 'failed')
    .option('--message <text>', 'the reason')
    .option('--final', 'trying again is of no use')
    .addHelpText('after', examples('fail m-12 --claim Zt3… --code tests_red --message "3 tests fail"'))
    .action(async (id: string, options: ReportOptions, command) => {
      const ctx = contextOf(command, deps)
      const { code, message = null, final } = options
      return actOnQueue(ctx, 'fail', {
        ...(await reportOf(ctx, id, options)),
        code,
        message,
        recoverable: final !== true,
      })
    })
}

const addReading = (mission: Command, deps: CliDeps): void => {
  mission
    .command('list')
    .description('open missions in the order of the queue')
    .option('--standing <standing>', 'ready, blocked, paused, running, lapsed, done, failed or cancelled')
    .option('--convoy <id>', 'only of this convoy')
    .option('--agent <id>', 'only held by or addressed to this agent')
    .option('--role <role>', 'only addressed to this role')
    .option('--type <type>', 'only of this type')
    .option('--all', 'ended ones too')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .option('--limit <n>', 'at most so many')
    .addHelpText('after', examples('list', 'list --standing blocked', 'list --all --json'))
    .action((options: MissionListOptions, command) => listMissions(contextOf(command, deps), deps, options))
  mission
    .command('show')
    .description('one mission: what it says, what it waits on, what became of it')
    .argument('<mission>', 'its id')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .addHelpText('after', examples('show m-12'))
    .action((id: string, options: { readonly at?: string }, command) =>
      showMission(contextOf(command, deps), deps, id, options.at),
    )
  mission
    .command('stats')
    .description('how many stand where, and what ended ones took')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .addHelpText('after', examples('stats --json'))
    .action((options: { readonly at?: string }, command) => showStats(contextOf(command, deps), deps, options.at))
}

export const register: RegisterCommand = (program, deps) => {
  const mission = program
    .command('mission')
    .description('the queue of work: add, claim, report; claims of those who fall silent lapse')
    .addHelpText('after', examples('add "mend the build" --priority high', 'claim --as me', 'list'))
  addGiving(mission, deps)
  addWorking(mission, deps)
  addReading(mission, deps)
}
