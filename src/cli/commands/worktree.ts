import { resolve } from 'node:path'
import type { Command } from 'commander'
import { displayText } from '../../core/text.ts'
import { actAndPrint } from '../act.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { printMissionActed } from '../mission-print.ts'
import { askMissions } from '../mission-tables.ts'
import { readPast } from '../read-past.ts'
import { tableText } from '../table.ts'

interface CreateOptions {
  readonly repo: string
  readonly base?: string
  readonly path?: string
  readonly machine?: string
  readonly agent?: string
  readonly mission?: string
  readonly bead?: string
  readonly yes?: boolean
}

const create = (ctx: CliContext, deps: CliDeps, branch: string, options: CreateOptions): Promise<void> => {
  const { yes = false, repo, machine, path, ...about } = options
  // Of another machine a path means what it says there.
  const here = (one: string): string => (machine === undefined ? resolve(one) : one)
  const where = { repo: here(repo), ...(path === undefined ? {} : { path: here(path) }) }
  const params = { ...about, ...where, ...(machine === undefined ? {} : { machine }), branch }
  return actAndPrint(ctx, deps, { verb: 'worktree.create', params }, { yes })
}

const list = async (ctx: CliContext, deps: CliDeps, at: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { worktrees } = await askMissions(ctx, deps, { at, limit: 1 })
  if (format === 'json') return ctx.printJson({ worktrees })
  if (worktrees.length === 0) return ctx.print('no worktree of vc is there (vc worktree create)')
  const cells = worktrees.map((one) => [
    one.machine,
    one.status,
    displayText(one.branch, 40),
    displayText(one.base_branch, 20),
    displayText(one.agent ?? one.mission ?? '', 30),
    displayText(one.path, 80),
    displayText(one.detail ?? '', 80),
  ])
  ctx.print(tableText(['machine', 'status', 'branch', 'base', 'whose', 'path', 'why it waits'], cells, ctx.paint))
}

const finish = async (ctx: CliContext, worktree: string, machine: string | undefined): Promise<void> => {
  const places = storePlaces(ctx, await ctx.config())
  const [{ sendMissionAction }, { actorHere }] = await Promise.all([
    import('../../commands/missions/send.ts'),
    import('../../commands/incident-send.ts'),
  ])
  printMissionActed(ctx, await sendMissionAction(places, 'finish', { worktree, machine }, actorHere()))
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  vc worktree ${line}`).join('\n')}`

const named = (command: Command, example: string): Command =>
  command
    .argument('<worktree>', 'its path, branch, or last part of its path')
    .option('-m, --machine <id>', 'the machine it is on')
    .addHelpText('after', examples(example))

const addCommands = (worktree: Command, deps: CliDeps): void => {
  worktree
    .command('create')
    .description('a tree and a branch for somebody’s work, beside the repository; one that is there is used again')
    .argument('<branch>', 'its branch; made if there is none')
    .option('--repo <path>', 'a folder of the repository', '.')
    .option('--base <branch>', 'what it begins from and goes back to; default the one checked out')
    .option('--path <path>', 'where; default <repository>.worktrees/<branch>')
    .option('-m, --machine <id>', 'on another machine')
    .option('--agent <id>', 'whose it is')
    .option('--mission <id>', 'what it is for')
    .option('--bead <id>', 'the issue it is for')
    .option('-y, --yes', 'do not ask; needs a terminal all the same')
    .addHelpText('after', examples('create feature/login --mission m-12', 'create fix --repo /srv/app -m atlas'))
    .action((branch: string, options: CreateOptions, command) =>
      create(contextOf(command, deps), deps, branch, options),
    )
  worktree
    .command('list')
    .description('worktrees that vc made, and what they wait for')
    .option('--at <when>', 'the past: 03:12, 2h, or an ISO time', readPast)
    .addHelpText('after', examples('list'))
    .action((options: { readonly at?: string }, command) => list(contextOf(command, deps), deps, options.at))
  named(
    worktree.command('check').description('what speaks against removing it; changes nothing'),
    'check feature/login',
  ).action((name: string, { machine }: { readonly machine?: string }, command) =>
    actAndPrint(contextOf(command, deps), deps, { verb: 'worktree.check', params: wish(name, machine) }, {}),
  )
  named(
    worktree.command('finish').description('its work is done and committed: it may be merged'),
    'finish feature/login',
  ).action((name: string, { machine }: { readonly machine?: string }, command) =>
    finish(contextOf(command, deps), name, machine),
  )
  named(
    worktree.command('remove').description('remove it, where it is proven that nothing is lost'),
    'remove feature/login',
  )
    .option('-y, --yes', 'do not ask; needs a terminal all the same')
    .action((name: string, { machine, yes = false }: { readonly machine?: string; readonly yes?: boolean }, command) =>
      actAndPrint(contextOf(command, deps), deps, { verb: 'worktree.remove', params: wish(name, machine) }, { yes }),
    )
}

const wish = (worktree: string, machine: string | undefined) => ({
  worktree,
  ...(machine === undefined ? {} : { machine }),
})

export const register: RegisterCommand = (program, deps) => {
  const worktree = program
    .command('worktree')
    .description('trees that work is done in; vc removes one only where nothing can be lost')
    .addHelpText('after', examples('create feature/login', 'list'))
  addCommands(worktree, deps)
}
