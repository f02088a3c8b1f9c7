import type { Command } from 'commander'
import type { SeenPane, SessionLine } from '../../commands/session-look.ts'
import { EXIT, usageError } from '../../core/errors.ts'
import { shellWord } from '../../core/shell-word.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { isInteractive, type Paint } from '../io.ts'

const stateOf = (line: SessionLine, paint: Paint): string => {
  if (line.state === 'running') return paint('good', 'running')
  const how = line.exit_signal === null ? (line.exit_status ?? '?') : `signal ${line.exit_signal}`
  return paint('bad', `dead (${how})`)
}

async function list(ctx: CliContext, machine: string | undefined): Promise<void> {
  const { lookAtSessions } = await import('../../commands/session-look.ts')
  const seen = await lookAtSessions(await ctx.config(), machine)
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson(seen)
  else {
    for (const { code, message, fix } of seen.unseen) ctx.note({ code, message, fix })
    const { ageText, tableText } = await import('../table.ts')
    const head = ['machine', 'session', 'agent', 'state', 'quiet', 'people', 'runs', 'folder']
    const rows = seen.sessions.map((line) => [
      line.machine,
      line.session,
      line.agent ?? '-',
      stateOf(line, ctx.paint),
      ageText(line.quiet_s),
      String(line.attached),
      line.command,
      line.cwd,
    ])
    ctx.print(rows.length === 0 ? 'no terminal of vc is open' : tableText(head, rows, ctx.paint))
  }
  // It was asked to look now: a machine that could not be looked at is a fault, whatever the others showed.
  if (seen.unseen.length > 0) ctx.exit(EXIT.fault)
}

interface AttachOptions {
  readonly readOnly?: boolean
  readonly print?: boolean
}

const paneOf = (ctx: CliContext, deps: CliDeps, name: string) => async (): Promise<SeenPane | null> => {
  const reader = await deps.openReader(await ctx.config()).catch(() => null)
  if (reader === null) return null
  try {
    const { data } = await reader.ask({ topic: 'agents', params: {} })
    const agents = typeof data === 'object' && data !== null && 'agents' in data ? data.agents : []
    const rows = Array.isArray(agents) ? (agents as readonly Record<string, unknown>[]) : []
    const same = rows.filter(({ agent }) => agent === name || String(agent).endsWith(`/${name}`))
    const [only] = same
    if (same.length > 1)
      throw usageError('ambiguous_agent', `${same.length} agents are called '${name}'`, 'say machine/agent')
    return typeof only?.pane === 'string' ? { machine: String(only.machine), pane: only.pane } : null
  } finally {
    await reader.close()
  }
}

async function attach(ctx: CliContext, deps: CliDeps, name: string, options: AttachOptions): Promise<void> {
  if (options.print !== true && !isInteractive(ctx.io))
    throw usageError(
      'no_terminal',
      'attaching needs a terminal',
      'run it in one, or add --print and run what it prints',
    )
  const { planAttach } = await import('../../commands/session-look.ts')
  const wish = { name, readOnly: options.readOnly === true, seenPane: paneOf(ctx, deps, name) }
  const plan = await planAttach(await ctx.config(), wish)
  if (options.print === true) {
    const unset = plan.unsetEnv.length === 0 ? '' : `env ${plan.unsetEnv.map((each) => `-u ${each}`).join(' ')} `
    return ctx.print(unset + plan.argv.map(shellWord).join(' '))
  }
  const { lendTo } = await import('../../commands/session-lend.ts')
  if ((await lendTo(plan)) !== 0) ctx.exit(1)
}

export const register: RegisterCommand = (program, deps) => {
  const session = program
    .command('session')
    .description('terminals of agents: who is there, and a seat at one of them')
    .addHelpText(
      'after',
      '\nExamples:\n  vc session list\n  vc session list -m atlas --json\n  vc session attach atlas/claude-7k2m\n  vc session attach claude-7k2m -r',
    )
  session
    .command('list')
    .description('terminals that vc keeps, looked at now')
    .option('-m, --machine <id>', 'only this machine')
    .addHelpText('after', '\nExamples:\n  vc session list\n  vc session list -m atlas --json')
    .action((options: { machine?: string }, command: Command) => list(contextOf(command, deps), options.machine))
  session
    .command('attach')
    .description('sit down at an agent; leave with Ctrl-B d, the agent goes on')
    .argument('<agent>', 'agent id or session name')
    .option('-r, --read-only', 'only look: keys do nothing, the size stays')
    .option('--print', 'print the command instead of running it')
    .addHelpText('after', '\nExamples:\n  vc session attach claude-7k2m\n  vc session attach claude-7k2m --print')
    .action((name: string, options: AttachOptions, command: Command) =>
      attach(contextOf(command, deps), deps, name, options),
    )
}
