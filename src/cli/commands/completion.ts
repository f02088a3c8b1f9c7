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
      const [{ completionScript }, { wholeTree }, { buildProgram }] = await Promise.all([
        import('../completion/scripts.ts'),
        import('../completion/build.ts'),
        import('../program.ts'),
      ])
      const program = await buildProgram(deps.entries, deps, 'all')
      deps.io.stdout.write(completionScript(shell, wholeTree(program)))
    })
}
