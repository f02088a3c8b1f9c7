import type { LoadedConfig } from '../../config/index.ts'
import { EXIT } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'

interface Step {
  readonly table: string
  readonly day: string
  readonly rows: number
  readonly seal: boolean
  readonly remove: boolean
}

const planOf = async (deps: CliDeps, loaded: LoadedConfig): Promise<readonly Step[]> => {
  const reader = await deps.openReader(loaded)
  try {
    return ((await reader.ask({ topic: 'retention', params: { plan: true } })).data as { plan: readonly Step[] }).plan
  } finally {
    await reader.close()
  }
}

const dryRun = async (ctx: CliContext, deps: CliDeps, loaded: LoadedConfig): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const plan = await planOf(deps, loaded)
  if (format === 'json') return ctx.printJson({ plan })
  if (plan.length === 0)
    return ctx.print('nothing to do: every closed day is sealed and none is older than it is kept for')
  const { tableText } = await import('../table.ts')
  const cells = [...Map.groupBy(plan, (step) => step.table)].map(([table, steps]) => {
    const gone = steps.filter((step) => step.remove)
    const rows = (some: readonly Step[]): string => String(some.reduce((sum, step) => sum + step.rows, 0))
    return [
      table,
      `${steps.at(0)?.day} … ${steps.at(-1)?.day}`,
      String(steps.filter((s) => s.seal).length),
      rows(steps),
      String(gone.length),
      rows(gone),
    ]
  })
  ctx.print(tableText(['table', 'days', 'to seal', 'rows', 'past retention', 'rows'], cells, ctx.paint))
  ctx.print(ctx.paint('dim', 'Deleting frees room inside the file for new rows; the file itself does not shrink.'))
}

/** More days than this are not put away in a moment. */
const MANY_DAYS = 100

const sayHowMuch = (ctx: CliContext, plan: readonly Step[]): void => {
  if (plan.length <= MANY_DAYS) return
  const rows = plan.reduce((sum, step) => sum + step.rows, 0)
  ctx.note({
    code: 'vacuum_long',
    message: `${plan.length} closed days with ${rows} rows are put away one after another, which takes minutes`,
    fix: 'wait: a daemon looks and answers meanwhile, and goes on when this command is stopped',
  })
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('vacuum')
    .description('copy closed days into the Parquet archive, and where vc.toml allows it, remove old live rows')
    .option('--dry-run', 'say what would be done, change nothing')
    .addHelpText(
      'after',
      '\n[retention] in vc.toml decides: archive = true copies closed days, delete = true also removes live rows that are older than\ntheir table is kept for, after their file was read back and compared. Both are off unless set.\n\nExamples:\n  vc vacuum --dry-run\n  vc vacuum',
    )
    .action(async (options: { readonly dryRun?: boolean }, command) => {
      const ctx = contextOf(command, deps)
      const loaded = await ctx.config()
      if (options.dryRun) return dryRun(ctx, deps, loaded)
      const format = ctx.format(['table', 'json'])
      const { archive, delete: remove, hub } = loaded.config.retention
      if (!archive && !remove) {
        ctx.note({
          code: 'archive_off',
          message: 'vc.toml neither archives nor deletes, so nothing was done',
          fix: 'set archive = true in [retention]; see: vc vacuum --dry-run',
        })
        return
      }
      sayHowMuch(ctx, await planOf(deps, loaded))
      const { vacuumStore } = await import('../../commands/vacuum-run.ts')
      const done = await vacuumStore(storePlaces(ctx, loaded), { archive, remove, hub })
      if (format === 'json') ctx.printJson(done)
      else
        ctx.print(
          `sealed ${done.sealedDays} days (${done.sealedRows} rows, ${(done.sealedBytes / 1_048_576).toFixed(1)} MB), removed ${done.removedDays} days (${done.removedRows} rows)`,
        )
      for (const trouble of done.troubles)
        ctx.note({ code: 'vacuum_trouble', message: displayText(trouble, 500), fix: 'its rows stay where they are' })
      if (done.troubles.length > 0) ctx.exit(EXIT.fault)
    })
}
