import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { displayText } from '../../../core/text.ts'
import { actAndPrint } from '../../act.ts'
import { type SpawnOptions, spawnOptions, spawnParams } from '../../agent-options.ts'
import { type CliContext, contextOf } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'
import { askEngine } from '../../engine-print.ts'
import { sayWarnings } from '../../say-warnings.ts'
import { tableText } from '../../table.ts'

const countOf = (text: string): number => {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw usageError('bad_count', `“${displayText(text, 20)}” is no number of agents`, '1 to 50 at once')
}

const show = async (ctx: CliContext, deps: CliDeps, machine: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { data, warnings } = await askEngine(ctx, deps, { machine })
  if (format === 'json') return ctx.printJson({ pools: data.pools, queue: data.queue, warnings })
  sayWarnings(ctx, warnings)
  const pools = tableText(
    ['MACHINE', 'TAKEN', 'LIMIT', 'WAITING'],
    data.pools.map((one) => [
      displayText(one.machine),
      String(one.taken),
      String(one.limit ?? '?'),
      String(one.waiting),
    ]),
    ctx.paint,
  )
  const queue = data.queue.map(
    (one) =>
      `${one.place}. ${displayText(one.agent)}  ${one.priority}, asked ${one.asked_at} by ${displayText(one.asked_by)}`,
  )
  ctx.print([pools, ...(queue.length > 0 ? ['', ctx.paint('strong', 'waiting'), ...queue] : [])].join('\n'))
}

export const pool: RegisterCommand = (agent, deps) => {
  spawnOptions(
    agent.command('pool').description('start several alike; without a number: places and queue of each machine'),
  )
    .argument('[count]', 'how many')
    .argument('[words...]', 'behind --: more words for the CLI; for generic the whole command')
    .addHelpText('after', '\nExamples:\n  vc agent pool\n  vc agent pool 3 --role tester --cwd /srv/app -m atlas')
    .action(async (count: string | undefined, words: readonly string[], options: SpawnOptions, command: Command) => {
      const ctx = contextOf(command, deps)
      if (count === undefined) return show(ctx, deps, options.machine)
      const params = { ...spawnParams(await ctx.config(), options, words, process.cwd()), count: countOf(count) }
      await actAndPrint(ctx, deps, { verb: 'agent.spawn', params }, options)
    })
}
