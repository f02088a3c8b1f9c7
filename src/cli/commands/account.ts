import { usageError } from '../../core/errors.ts'
import { type AccountsAnswer, accountTable, recommendText } from '../account-table.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

interface AccountOptions {
  readonly provider?: string
  readonly at?: string
}

// People say the CLI's name, the ledger the provider's.
const PROVIDERS: Readonly<Record<string, string>> = { claude: 'anthropic', codex: 'openai', gemini: 'google' }

const ask = async (ctx: CliContext, deps: CliDeps, options: AccountOptions) => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const provider = options.provider === undefined ? undefined : (PROVIDERS[options.provider] ?? options.provider)
    const at = options.at === undefined ? {} : { at: options.at }
    const everything = await reader.ask({ topic: 'accounts', params: at })
    const answer = everything.data as AccountsAnswer
    if (provider === undefined) return { answer, warnings: everything.warnings ?? [] }
    const names = [...new Set(answer.accounts.map((one) => one.provider))]
    // Nothing seen yet is an answer; a provider beside those that were seen is a slip.
    if (names.length > 0 && !names.includes(provider))
      throw usageError(
        'unknown_provider',
        `no account of '${provider}' has been seen`,
        `providers: ${names.join(', ')}`,
      )
    const mine = <Line extends { readonly provider: string }>(all: readonly Line[]): Line[] =>
      all.filter((one) => one.provider === provider)
    const { windows, accounts, recommendations } = answer
    return {
      answer: { windows: mine(windows), accounts: mine(accounts), recommendations: mine(recommendations) },
      warnings: everything.warnings ?? [],
    }
  } finally {
    await reader.close()
  }
}

const list = async (ctx: CliContext, deps: CliDeps, options: AccountOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { answer, warnings } = await ask(ctx, deps, options)
  if (format === 'json') return ctx.printJson({ accounts: answer.accounts, windows: answer.windows, warnings })
  sayWarnings(ctx, warnings, ['not_collected'])
  ctx.print(accountTable(answer, ctx.paint))
}

const recommend = async (ctx: CliContext, deps: CliDeps, options: AccountOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { answer, warnings } = await ask(ctx, deps, options)
  if (format === 'json') return ctx.printJson({ recommendations: answer.recommendations, warnings })
  sayWarnings(ctx, warnings, ['not_collected'])
  ctx.print(recommendText(answer, ctx.paint))
}

export const register: RegisterCommand = (program, deps) => {
  const account = program
    .command('account')
    .description('which accounts there are, how full their windows, and which to use next')
    .addHelpText('after', '\nExamples:\n  vc account list\n  vc account recommend --provider claude')
  account
    .command('list')
    .description('every account with its windows: used, reset, age, source, disagreements')
    .option('--provider <name>', 'only this provider (claude and codex are understood)')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc account list\n  vc account list --provider codex --json')
    .action((options: AccountOptions, command) => list(contextOf(command, deps), deps, options))
  account
    .command('recommend')
    .description('which account to use next and why; prints how to switch, switches nothing')
    .option('--provider <name>', 'only this provider (claude and codex are understood)')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc account recommend\n  vc account recommend --provider claude --json')
    .action((options: AccountOptions, command) => recommend(contextOf(command, deps), deps, options))
}
