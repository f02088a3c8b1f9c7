import { type Command, Option } from 'commander'
import type { HookChange, HookEffect, HookVerb } from '../../commands/hooks/index.ts'
import { EXIT, VcError } from '../../core/errors.ts'
import { askYes } from '../ask-person.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { isInteractive, type Paint } from '../io.ts'

interface HookOptions {
  readonly cli?: readonly string[]
  readonly yes?: boolean
  readonly remove?: boolean
}

const load = async () => {
  const [hooks, { surroundings }] = await Promise.all([
    import('../../commands/hooks/index.ts'),
    import('../../config/index.ts'),
  ])
  return { ...hooks, at: surroundings() }
}

const painted = (diff: string, paint: Paint): string =>
  diff
    .trimEnd()
    .split('\n')
    .filter((line) => !/^={10,}$/.test(line))
    .map((line) => (/^\+(?!\+\+)/.test(line) ? paint('good', line) : /^-(?!--)/.test(line) ? paint('bad', line) : line))
    .join('\n')

function printPlan(ctx: CliContext, changes: readonly HookChange[]): void {
  if (changes.length === 0) ctx.print('no agent CLI with hooks was ever started here; vc needs none of them')
  for (const change of changes) {
    ctx.print(`${ctx.paint('strong', change.cli)}: ${change.diff === '' ? 'nothing to change' : change.about}`)
    if (change.diff !== '') ctx.print(painted(change.diff, ctx.paint))
  }
}

const changing = (changes: readonly HookChange[]): number => changes.filter(({ diff }) => diff !== '').length

async function plan(ctx: CliContext, options: HookOptions): Promise<void> {
  const { planHooks, at } = await load()
  const verb = options.remove === true ? 'remove' : 'install'
  const changes = planHooks(at, verb, options.cli)
  if (ctx.format(['text', 'json']) === 'json')
    return ctx.printJson({ verb, changes: changes.map(({ before: _b, after: _a, ...rest }) => rest) })
  printPlan(ctx, changes)
  if (changing(changes) > 0) ctx.print(`\nnothing was written. To do it: vc hooks ${verb}`)
}

async function agreed(ctx: CliContext, verb: HookVerb, files: number): Promise<boolean> {
  if (!isInteractive(ctx.io))
    throw new VcError(
      'needs_yes',
      `vc hooks ${verb} changes ${files} settings file${files === 1 ? '' : 's'} of yours, and nobody is here to agree`,
      `look with: vc hooks plan, then: vc hooks ${verb} --yes`,
      { exitCode: EXIT.refused },
    )
  return askYes(ctx.io, `Write ${files === 1 ? 'this change' : `these ${files} changes`}?`)
}

const effectLine = (effect: HookEffect): string =>
  effect.outcome === 'unchanged'
    ? `${effect.cli}: ${effect.file} was as it should be`
    : `${effect.cli}: ${effect.file} written and read back${effect.backup === null ? '' : ` (before: ${effect.backup})`}`

async function change(ctx: CliContext, verb: HookVerb, options: HookOptions): Promise<void> {
  const { planHooks, applyHooks, at } = await load()
  const changes = planHooks(at, verb, options.cli)
  const json = ctx.format(['text', 'json']) === 'json'
  if (!json) printPlan(ctx, changes)
  const files = changing(changes)
  if (files > 0 && options.yes !== true && !(await agreed(ctx, verb, files))) {
    ctx.print('nothing was written')
    return ctx.exit(EXIT.refused)
  }
  const effects = applyHooks(at, verb, options.cli ?? [], new Date())
  if (json) return ctx.printJson({ verb, effects })
  for (const effect of effects) ctx.print(effectLine(effect))
  if (files > 0)
    ctx.print(
      verb === 'install'
        ? 'sessions that run already keep their old settings until they are started anew; look: vc hooks verify'
        : 'running sessions call the tee until they end; it is gone, so they get what they had before',
    )
}

async function verify(ctx: CliContext): Promise<void> {
  const { verifyHooks, at } = await load()
  const report = verifyHooks(at)
  if (report.problems.length > 0) ctx.exit(EXIT.fault)
  if (ctx.format(['text', 'json']) === 'json') return ctx.printJson(report)
  const { tableText } = await import('../table.ts')
  const words = { all: 'installed', some: 'partly', none: 'not installed' } as const
  if (report.checks.length === 0) ctx.print('no agent CLI with hooks was ever started here; vc needs none of them')
  else
    ctx.print(
      tableText(
        ['cli', 'hooks', 'last heard', 'file'],
        report.checks.map((check) => [check.cli, words[check.state], check.lastEventAt ?? 'never', check.file]),
        ctx.paint,
      ),
    )
  for (const { message, fix } of report.problems) ctx.print(`${ctx.paint('bad', message)}\n  fix: ${fix}`)
}

const choice = (): Option => new Option('--cli <names...>', 'only these: claude, codex, gemini')

const EXAMPLES = `
vc works without any hook. With them, rate limits and permission prompts are known within seconds. Only names, times and
percentages are kept; prompts, answers and commands are dropped before anything is written. When vc is gone, CLIs get what
they had before.

Examples:
  vc hooks plan                 # what would change, as a diff
  vc hooks install --cli claude
  vc hooks verify               # whether something took the entries out again
  vc hooks remove`

export const register: RegisterCommand = (program, deps: CliDeps) => {
  const hooks = program
    .command('hooks')
    .description('let agent CLIs tell vc more; off unless you say so')
    .addHelpText('after', EXAMPLES)
  const on = (name: string, about: string): Command => hooks.command(name).description(about)
  on('plan', 'show what would change, and write nothing')
    .addOption(choice())
    .option('--remove', 'show what remove would change')
    .addHelpText('after', '\nExamples:\n  vc hooks plan\n  vc hooks plan --cli claude --remove')
    .action((options: HookOptions, command: Command) => plan(contextOf(command, deps), options))
  for (const [verb, about] of [
    ['install', "merge vc's entries into the CLIs' settings, with a backup"],
    ['remove', "take vc's entries out again; everything else stays"],
  ] as const)
    on(verb, about)
      .addOption(choice())
      .option('--yes', 'without asking')
      .addHelpText('after', `\nExamples:\n  vc hooks ${verb}\n  vc hooks ${verb} --cli claude`)
      .action((options: HookOptions, command: Command) => change(contextOf(command, deps), verb, options))
  on('verify', 'whether the entries still stand and when they were last heard')
    .addHelpText('after', '\nExamples:\n  vc hooks verify\n  vc hooks verify --json')
    .action((_: unknown, command: Command) => verify(contextOf(command, deps)))
}
