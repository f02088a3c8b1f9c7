import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { bytesText } from '../../core/bytes.ts'
import { EXIT, VcError } from '../../core/errors.ts'
import type { Warning } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { confirmRestore, planLines } from '../ask-restore.ts'
import { type CliContext, contextOf, storePlaces } from '../context.ts'
import { infoScreen } from '../db-print.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { unheard } from '../unheard.ts'
import { untilSignal } from '../until-signal.ts'

const info = async (ctx: CliContext): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { dbInfo } = await import('../../commands/db-info.ts')
  const found = await dbInfo(storePlaces(ctx, await ctx.config()))
  if (format === 'json') ctx.printJson(found)
  else ctx.print(infoScreen(found, new Date(), ctx.paint))
  if (found.trouble !== null) ctx.exit(EXIT.fault)
}

/** A file from here on is not copied in a moment. */
const LARGE_BYTES = 128 * 1024 ** 2

/** Said before a large file is copied; null where nobody has to wait. */
export const backupNote = (bytes: number): Warning | null =>
  bytes < LARGE_BYTES
    ? null
    : {
        code: 'backup_long',
        message: `${bytesText(bytes)} are copied, and the copy is read to its end, which takes a while`,
        fix: 'wait: a daemon looks and answers meanwhile',
      }

const backup = async (ctx: CliContext, deps: CliDeps): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const loaded = await ctx.config()
  const size = await stat(loaded.paths.dbFile).catch(() => null)
  const note = backupNote(size?.size ?? 0)
  if (note !== null) ctx.note(note)
  const { backupStore } = await import('../../commands/db-backup.ts')
  const { backup_keep: keep, min_free_bytes: minFreeBytes } = loaded.config.store
  const made = await backupStore(storePlaces(ctx, loaded), { keep, minFreeBytes, version: deps.version })
  if (format === 'json') return ctx.printJson(made)
  ctx.print(
    `${made.path}: ${bytesText(made.bytes)}, ${made.rows} rows in ${made.tables.length} tables, read back to the end`,
  )
  for (const path of made.pruned)
    ctx.print(ctx.paint('dim', `removed ${displayText(path, 4096)} (${whyPruned(path, keep)})`))
}

const whyPruned = (path: string, keep: number): string =>
  path.endsWith('.duckdb') ? `store.backup_keep = ${keep}` : 'left by one that was interrupted'

const check = async (file: string | undefined, ctx: CliContext): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { checkStore } = await import('../../commands/db-check.ts')
  const report = await checkStore(storePlaces(ctx, await ctx.config()), file, (scan) => {
    if (format === 'json') return
    if (scan.broken === null) ctx.print(`${ctx.paint('good', '✓')} ${scan.table}  ${scan.rows} rows`)
    else ctx.print(`${ctx.paint('bad', '✗')} ${scan.table}  ${displayText(scan.broken, 600)}`)
  })
  if (format === 'json') ctx.printJson(report)
  else {
    const what = report.checked === 'snapshot' ? "a copy of the daemon's file" : report.path
    if (report.fix === null) ctx.print(`${what}: every table reads to its end`)
    else ctx.print(`${what}: ${report.broken.length} of ${report.tables.length} tables are broken\n    → ${report.fix}`)
  }
  if (report.broken.length > 0) ctx.exit(EXIT.fault)
}

const restore = async (file: string, options: { yes?: boolean }, ctx: CliContext): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { restoreStore } = await import('../../commands/db-restore.ts')
  const done = await restoreStore(
    storePlaces(ctx, await ctx.config()),
    file,
    (plan) => confirmRestore(ctx, plan, options.yes === true),
    new Date(),
  )
  if (done === null)
    throw new VcError('not_confirmed', 'nothing was changed', 'say yes, or pass --yes', { exitCode: EXIT.refused })
  if (format === 'json') return ctx.printJson({ ...done.moved, ...done.plan })
  for (const line of planLines(done.plan)) ctx.print(line)
  const { movedFile, movedWal } = done.moved
  ctx.print(`${ctx.paint('good', '✓')} restored ${done.plan.backup}`)
  if (movedFile !== null)
    ctx.print(
      `  the file that was there is kept: ${movedFile}${movedWal === null ? '' : ` (and its log: ${movedWal})`}`,
    )
  ctx.print('  what the agents still keep since then is read again by the next vc collect or daemon')
}

const rescue = async (ctx: CliContext): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { rescueStore } = await import('../../commands/db-rescue.ts')
  unheard(ctx.io.stdout)
  const stop = new AbortController()
  const signal = untilSignal()
  void signal.ended.then(() => stop.abort())
  const report = await rescueStore(
    storePlaces(ctx, await ctx.config()),
    ({ table, expected, saved, why }) => {
      if (format === 'json') return
      if (saved === expected) ctx.print(`${ctx.paint('good', '✓')} ${table}  ${saved} rows`)
      else ctx.print(`${ctx.paint('bad', '✗')} ${table}  ${saved} of ${expected} rows; ${displayText(why ?? '', 400)}`)
    },
    new Date(),
    stop.signal,
  ).finally(signal.release)
  if (report === null) {
    if (format === 'json') ctx.printJson({ damaged: false })
    else ctx.print('every table reads to its end: there is nothing to rescue, and nothing was changed')
    return
  }
  const lost = report.tables.reduce((sum, { expected, saved }) => sum + expected - saved, 0)
  if (format === 'json') return ctx.printJson({ ...report, rows_lost: lost })
  ctx.print(
    lost === 0
      ? 'no rows were lost'
      : `${lost} rows were lost, in ${report.tables.filter((t) => t.saved < t.expected).length} tables`,
  )
  if (report.walRead !== null) {
    const from = report.walRead === 0 ? '' : ` from byte ${report.walRead} on`
    ctx.print(`the log could not be read${from}; what only it held is read again where the sources still have it.`)
    ctx.print(`the whole log is kept: ${report.movedWal}`)
  }
  ctx.print(`the new file is in place; the old one is kept: ${report.movedFile}\nParquet of every table: ${report.dir}`)
}

const examples = (lines: string): string => `\nExamples:\n${lines}`

export const register: RegisterCommand = (program, deps) => {
  const db = program
    .command('db')
    .description('the database file: what is in it, backups, checks, repair')
    .addHelpText('after', examples('  vc db info\n  vc db backup\n  vc db check'))
  const act = (run: (ctx: CliContext) => Promise<void>) => (_options: unknown, command: Command) =>
    run(contextOf(command, deps))
  db.command('info')
    .description('file, log, sizes, rows per table, schema, backups, free disk space')
    .addHelpText('after', examples('  vc db info\n  vc db info --json'))
    .action(act(info))
  db.command('backup')
    .description('a consistent copy, read back to its end before it gets its name; a daemon makes one every day')
    .addHelpText('after', examples('  vc db backup\n  vc db backup --json'))
    .action(act((ctx) => backup(ctx, deps)))
  db.command('check')
    .description('read every block of every table and name the broken ones; exit 1 when there are any')
    .argument('[file]', 'a backup, instead of the live file')
    .addHelpText('after', examples('  vc db check\n  vc db check ~/.local/share/vc/backups/vc-20260101T031700Z.duckdb'))
    .action((file: string | undefined, _options: unknown, command: Command) => check(file, contextOf(command, deps)))
  db.command('restore')
    .description('put a backup in place of the present file, which is moved aside and kept')
    .argument('<file>', 'the backup')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples('  vc db info\n  vc db restore ~/.local/share/vc/backups/vc-20260101T031700Z.duckdb'),
    )
    .action((file: string, options: { yes?: boolean }, command: Command) =>
      restore(file, options, contextOf(command, deps)),
    )
  db.command('rescue')
    .description('save what a damaged file still holds, as Parquet and as a new file; the old one is kept')
    .addHelpText('after', examples('  vc db check\n  vc db rescue'))
    .action(act(rescue))
}
