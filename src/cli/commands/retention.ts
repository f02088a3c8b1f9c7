import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'

interface TableLine {
  readonly table: string
  readonly keep_days: number | null
  readonly policy: string
  readonly rows: number
  readonly bytes: number
  readonly oldest: string | null
  readonly archived_days: number
  readonly archived_bytes: number
}

const size = (bytes: number): string => {
  if (bytes === 0) return ''
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('retention')
    .description('how long each table is kept, how big it is, and what lies in the archive')
    .option('--all', 'empty tables too')
    .addHelpText(
      'after',
      '\nNothing is deleted unless [retention] in vc.toml says so. A table takes at least one block of the file: 64 KB, 256 KB in a file of an older vc.\n\nExamples:\n  vc retention\n  vc retention --json',
    )
    .action(async (options: { readonly all?: boolean }, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const { reader } = await readerDespite(ctx, deps)
      try {
        const { tables } = (await reader.ask({ topic: 'retention', params: {} })).data as {
          tables: readonly TableLine[]
        }
        if (format === 'json') return ctx.printJson({ tables })
        const { tableText } = await import('../table.ts')
        const shown = tables.filter((one) => options.all || one.rows > 0 || one.archived_days > 0)
        const cells = shown.map((one) => [
          one.table,
          one.keep_days === null ? 'for ever' : `${one.keep_days} d`,
          one.policy,
          String(one.rows),
          size(one.bytes),
          one.oldest?.slice(0, 10) ?? '',
          one.archived_days === 0 ? '' : `${one.archived_days} d, ${size(one.archived_bytes)}`,
        ])
        ctx.print(tableText(['table', 'kept', 'policy', 'rows', 'size', 'oldest', 'archive'], cells, ctx.paint))
      } finally {
        await reader.close()
      }
    })
}
