import type { Command } from 'commander'
import { displayText } from '../../core/text.ts'
import { actAndPrint } from '../act.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { spanOption } from '../mission-options.ts'
import { askMissions } from '../mission-tables.ts'
import { tableText } from '../table.ts'

const WAITS = new Set(['finished', 'merged', 'needs_cleanup'])

const list = async (ctx: CliContext, deps: CliDeps): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { worktrees } = await askMissions(ctx, deps, { limit: 1 })
  const queue = worktrees
    .filter((one) => WAITS.has(one.status))
    .sort((a, b) => (a.finished_at ?? '').localeCompare(b.finished_at ?? ''))
  if (format === 'json') return ctx.printJson({ merges: queue })
  if (queue.length === 0) return ctx.print('nothing waits to be merged (vc worktree finish)')
  const cells = queue.map((one) => [
    one.status,
    displayText(one.branch, 40),
    displayText(one.base_branch, 20),
    one.machine,
    one.finished_at ?? '',
    displayText(one.detail ?? '', 100),
  ])
  ctx.print(tableText(['status', 'branch', 'into', 'machine', 'finished (UTC)', 'why it waits'], cells, ctx.paint))
}

interface RunOptions {
  readonly worktree?: readonly string[]
  readonly machine?: string
  readonly untested?: boolean
  readonly timeout?: string
  readonly yes?: boolean
}

const run = (ctx: CliContext, deps: CliDeps, tests: readonly string[], options: RunOptions): Promise<void> => {
  const { worktree = [], machine, untested = false, timeout, yes = false } = options
  const ms = spanOption(timeout)
  const params = {
    ...{ worktrees: worktree, tests, untested },
    ...(machine === undefined ? {} : { machine }),
    ...(ms === undefined ? {} : { tests_ms: ms }),
  }
  return actAndPrint(ctx, deps, { verb: 'merge.run', params }, { yes })
}

const addCommands = (merge: Command, deps: CliDeps): void => {
  merge
    .command('list')
    .description('finished worktrees, in the order in which they would be merged')
    .addHelpText('after', '\nExamples:\n  vc merge list')
    .action((_options: unknown, command) => list(contextOf(command, deps), deps))
  merge
    .command('run')
    .description(
      'merge finished worktrees one after the other; refused on conflict or red tests, and nothing changes then',
    )
    .argument('[tests...]', 'what proves it, after --: run in a scratch tree of the merge')
    .option('-w, --worktree <name>', 'only this one; several times', (one: string, all: readonly string[] = []) => [
      ...all,
      one,
    ])
    .option('-m, --machine <id>', 'only on this machine')
    .option('--untested', 'without tests')
    .option('--timeout <span>', 'longest the tests may take', '8m')
    .option('-y, --yes', 'do not ask; needs a terminal all the same')
    .addHelpText(
      'after',
      '\nExamples:\n  vc merge run -- npm test\n  vc merge run -w feature/login --timeout 5m -- make check',
    )
    .action((tests: readonly string[], options: RunOptions, command) =>
      run(contextOf(command, deps), deps, tests, options),
    )
}

export const register: RegisterCommand = (program, deps) => {
  const merge = program
    .command('merge')
    .description('bring finished worktrees back into their base, one after the other')
    .addHelpText('after', '\nExamples:\n  vc merge list\n  vc merge run -- npm test')
  addCommands(merge, deps)
}
