import type { Command } from 'commander'
import { roleNamed, TASK_PRIORITIES, TASK_TYPES } from '../../../core/agent-role.ts'
import { usageError } from '../../../core/errors.ts'
import { nameList } from '../../../core/nearest.ts'
import { displayText } from '../../../core/text.ts'
import { type CliContext, contextOf, storePlaces } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'

interface DistributeOptions {
  readonly type: string
  readonly priority: string
  readonly role?: string
  readonly machine?: string
  readonly cwd?: string
  readonly give?: string
}

const chosen = <const Word extends string>(text: string, words: readonly Word[], what: string): Word => {
  const found = words.find((word) => word === text)
  if (found !== undefined) return found
  throw usageError(`bad_${what}`, `“${displayText(text, 40)}” is no ${what}`, nameList(words))
}

const rank = async (ctx: CliContext, deps: CliDeps, options: DistributeOptions) => {
  const type = chosen(options.type, TASK_TYPES, 'type')
  const priority = chosen(options.priority, TASK_PRIORITIES, 'priority')
  const named = options.role === undefined ? null : roleNamed(options.role)
  if (options.role !== undefined && named === null)
    throw usageError('unknown_role', `there is no role “${displayText(options.role, 40)}”`, 'vc agent spawn --help')
  const { rankAgents } = await import('../../../commands/engine/distribute.ts')
  const reader = await deps.openReader(await ctx.config())
  try {
    const where = { machineId: options.machine ?? null, cwd: options.cwd ?? null }
    return { type, priority, ranked: await rankAgents(reader, { type, priority, role: named?.role ?? null, ...where }) }
  } finally {
    await reader.close()
  }
}

const run = async (ctx: CliContext, deps: CliDeps, options: DistributeOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { type, priority, ranked } = await rank(ctx, deps, options)
  const best = ranked.find((one) => one.excluded === null) ?? null
  const given = options.give === undefined ? null : await give(ctx, options.give, type, priority, best?.agentId ?? null)
  if (format === 'json') return ctx.printJson({ data: { best: best?.agentId ?? null, ranked, ...(given ?? {}) } })
  for (const one of ranked) {
    const head =
      one.excluded === null
        ? `${String(one.score).padStart(4)}  ${displayText(one.agentId)}`
        : `   -  ${displayText(one.agentId)}: ${displayText(one.excluded)}`
    ctx.print(one === best ? ctx.paint('good', head) : head)
    if (one.excluded === null)
      for (const { what, points } of one.parts)
        ctx.print(ctx.paint('dim', `        ${points > 0 ? '+' : ''}${points}  ${displayText(what)}`))
  }
  if (ranked.length === 0) ctx.print('vc keeps no agents: vc agent spawn')
  else if (best === null) ctx.print('nobody may take it now')
  if (given !== null)
    ctx.print(
      `${given.outcome}: mission ${given.missions.map((one) => one.mission).join(', ')} is addressed to ${displayText(best?.agentId ?? '')}`,
    )
}

const give = async (ctx: CliContext, title: string, type: string, priority: string, agent: string | null) => {
  if (agent === null)
    throw usageError('nobody', 'nobody may take it now', 'vc agent spawn, or vc mission add without an address')
  const [{ sendMissionAction }, { actorHere }] = await Promise.all([
    import('../../../commands/missions/send.ts'),
    import('../../../commands/incident-send.ts'),
  ])
  const places = storePlaces(ctx, await ctx.config())
  return sendMissionAction(places, 'add', { missions: [{ title, type, priority, to_agent: agent }] }, actorHere())
}

export const distributeTask: RegisterCommand = (agent, deps) => {
  agent
    .command('distribute')
    .description('who should take a task, with scores and reasons; hands it out only with --give')
    .option('--type <type>', nameList(TASK_TYPES), 'general')
    .option('--priority <priority>', nameList(TASK_PRIORITIES), 'normal')
    .option('--role <role>', 'only this role or label')
    .option('-m, --machine <id>', 'only agents there')
    .option('--cwd <folder>', 'rather one that works in this folder')
    .option('--give <title>', 'add it as a mission addressed to the best')
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent distribute --type review --priority high\n  vc agent distribute --type coding --give "add a limit to the upload"',
    )
    .action((options: DistributeOptions, command: Command) => run(contextOf(command, deps), deps, options))
}
