import { z } from 'zod'
import { EXIT } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import type { Tone } from '../io.ts'

const data = z.object({
  findings: z.array(
    z.object({
      level: z.enum(['bad', 'warn', 'ok']),
      machine: z.string().nullable(),
      topic: z.string(),
      says: z.string(),
      fix: z.string().nullable(),
    }),
  ),
})

const SIGN: Record<'bad' | 'warn' | 'ok', readonly [string, Tone]> = {
  bad: ['✗', 'bad'],
  warn: ['▲', 'warn'],
  ok: ['✓', 'good'],
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('doctor')
    .description('what vc cannot see and why, what will be deleted, and what vc itself costs')
    .option('-m, --machine <id>', 'only this machine')
    .addHelpText('after', '\nExit 1 when something is broken.\n\nExamples:\n  vc doctor\n  vc doctor -m atlas --json')
    .action(async (options: { machine?: string }, command) => {
      const ctx = contextOf(command, deps)
      const loaded = await ctx.config()
      const running = await deps.pingDaemon(loaded)
      const reader = await deps.openReader(loaded)
      try {
        const reply = await reader.ask({
          topic: 'doctor',
          params: options.machine === undefined ? {} : { machine: options.machine },
        })
        const { findings } = data.parse(reply.data)
        if (ctx.format(['table', 'json']) === 'json') ctx.printJson(reply)
        else {
          ctx.print(
            running
              ? `${ctx.paint('good', '✓')} daemon: pid ${running.pid}, since ${running.startedAt}`
              : `${ctx.paint('warn', '▲')} daemon: none runs, so nothing is being collected → vc daemon --detach`,
          )
          for (const f of findings) {
            const [sign, tone] = SIGN[f.level]
            ctx.print(
              `${ctx.paint(tone, sign)} ${f.machine ? `${f.machine}: ` : ''}${displayText(f.says, 400)}${f.fix ? `\n    → ${displayText(f.fix, 300)}` : ''}`,
            )
          }
        }
        if (findings.some((f) => f.level === 'bad')) ctx.exit(EXIT.fault)
      } finally {
        await reader.close()
      }
    })
}
