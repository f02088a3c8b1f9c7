import type { Command } from 'commander'
import { actAndPrint } from '../../act.ts'
import { type SpawnOptions, spawnOptions, spawnParams } from '../../agent-options.ts'
import { contextOf } from '../../context.ts'
import type { RegisterCommand } from '../../deps.ts'

export const spawn: RegisterCommand = (agent, deps) => {
  spawnOptions(agent.command('spawn').description('start an agent in a terminal that outlives vc'))
    .argument('[words...]', 'behind --: more words for the CLI; for generic the whole command')
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent spawn --role coder --restart on_failure\n  vc agent spawn -m atlas --cwd /srv/app --cli codex --task review\n  vc agent spawn --cli generic --cwd /tmp -- sh -c "make test"\n  vc agent spawn --role scribe --schedule "0 7 * * *" --mission "write down what happened yesterday"',
    )
    .action(async (words: readonly string[], options: SpawnOptions, command: Command) => {
      const ctx = contextOf(command, deps)
      const params = spawnParams(await ctx.config(), options, words, process.cwd())
      await actAndPrint(ctx, deps, { verb: 'agent.spawn', params }, options)
    })
}
