import { type ReportData, reportMarkdown } from '../../commands/report-markdown.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { readPast } from '../read-past.ts'

export const register: RegisterCommand = (program, deps) => {
  program
    .command('report')
    .description('a digest: what ran, what it cost, what went wrong, what was done, against the window before')
    .option('--window <length>', 'how far back: 24h, 7d, 4w', '24h')
    .option('--at <when>', 'the end of the window: 03:12, 2d, or an ISO time; default now', readPast)
    .addHelpText(
      'after',
      '\nFormats: md (default), json.\n\nExamples:\n  vc report --window 24h\n  vc report --window 7d --format json\n  vc report --at "yesterday 18:00" > day.md',
    )
    .action(async (options: { readonly window: string; readonly at?: string }, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['md', 'json'])
      const { reader } = await readerDespite(ctx, deps)
      try {
        const at = options.at === undefined ? {} : { at: options.at }
        const reply = await reader.ask({ topic: 'report', params: { window: options.window, ...at } })
        if (format === 'json') ctx.printJson({ ...(reply.data as object), warnings: reply.warnings ?? [] })
        else ctx.print(reportMarkdown(reply.data as ReportData, reply.warnings ?? []).trimEnd())
      } finally {
        await reader.close()
      }
    })
}
