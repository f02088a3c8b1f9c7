import { Argument, type Command } from 'commander'
import type { CliDeps, RegisterCommand } from '../deps.ts'

const INSTALL = `
Examples:
  source <(vc completion bash)                                   # in ~/.bashrc
  vc completion zsh > ~/.zfunc/_vc                               # a folder of your fpath
  vc completion fish > ~/.config/fish/completions/vc.fish`

export const register: RegisterCommand = (program: Command, deps: CliDeps) => {
  program
    .command('completion')
    .description('print shell completion')
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', INSTALL)
    .action(async (shell) => {
      const [{ completionScript }, { completionTree }, { buildProgram }, { COLLECTOR_NAMES }, { queries }] =
        await Promise.all([
          import('../completion/scripts.ts'),
          import('../completion/tree.ts'),
          import('../program.ts'),
          import('../../config/index.ts'),
          import('../../queries/index.ts'),
        ])
      const whole = await buildProgram(deps.entries, deps, 'all')
      const topics = queries.map(({ name, summary }) => ({ name, about: summary }))
      const known = { collectors: COLLECTOR_NAMES, topics }
      deps.io.stdout.write(completionScript(shell, completionTree(whole, known)))
    })
}
