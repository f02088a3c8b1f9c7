import type { Command } from 'commander'
import { MODEL_TIERS } from '../../../core/agent-role.ts'
import { displayText } from '../../../core/text.ts'
import { type CliContext, contextOf } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'
import { readerDespite } from '../../despite-config.ts'
import { agentsTable, askEngine, memText } from '../../engine-print.ts'
import { readPast } from '../../read-past.ts'
import { sayWarnings } from '../../say-warnings.ts'
import { tableText } from '../../table.ts'

interface ListOptions {
  readonly managed?: boolean
  readonly orphans?: boolean
  readonly machine?: string
  readonly role?: string
  readonly tier?: string
  readonly all?: boolean
  readonly ended?: string
  readonly at?: string
}

interface SeenAgent {
  readonly agent: string
  readonly cli: string
  readonly kind: string
  readonly state: string
  readonly cwd: string | null
}

const otherAgents = async (
  ctx: CliContext,
  deps: CliDeps,
  { machine, at, all }: ListOptions,
): Promise<readonly SeenAgent[]> => {
  const { reader } = await readerDespite(ctx, deps)
  try {
    const params = { ...(machine ? { machine } : {}), ...(at ? { at } : {}), ...(all ? { all } : {}) }
    return ((await reader.ask({ topic: 'agents', params })).data as { agents: readonly SeenAgent[] }).agents
  } finally {
    await reader.close()
  }
}

const list = async (ctx: CliContext, deps: CliDeps, options: ListOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { managed, orphans: orphansOnly, ...params } = options
  const { data, warnings } = await askEngine(ctx, deps, params)
  const onlyKept = managed === true || options.role !== undefined || options.tier !== undefined
  const kept = new Set(data.agents.map((one) => one.agent))
  const others =
    onlyKept || orphansOnly ? [] : (await otherAgents(ctx, deps, options)).filter((one) => !kept.has(one.agent))
  if (format === 'json')
    return ctx.printJson({
      ...{ agents: data.agents, total: data.total, others, orphans: data.orphans, pools: data.pools, warnings },
    })
  sayWarnings(ctx, warnings)
  const parts: string[] = []
  if (!orphansOnly)
    parts.push(
      [
        data.total > 0 ? agentsTable(ctx, data.agents) : 'vc keeps no agents: vc agent spawn',
        ...(data.total > data.agents.length
          ? [`${data.total - data.agents.length} more ended before these: vc agent list --ended ${data.total}`]
          : []),
      ].join('\n'),
    )
  if (others.length > 0)
    parts.push(
      `${ctx.paint('strong', 'seen besides')} (observed ones are never touched)\n${tableText(
        ['AGENT', 'CLI', 'KIND', 'STATE', 'FOLDER'],
        others.map((one) => [displayText(one.agent), one.cli, one.kind, one.state, displayText(one.cwd ?? '?', 60)]),
        ctx.paint,
      )}`,
    )
  if (data.standing.agents > 0)
    parts.push(
      `standing: ${data.standing.agents} agent(s), ${memText(data.standing.mem_bytes)}, ${data.standing.tokens_24h} tokens in 24 h`,
    )
  if (data.orphans.length > 0 || orphansOnly) parts.push(orphanText(ctx, data))
  ctx.print(parts.join('\n\n'))
}

const orphanText = (ctx: CliContext, data: Awaited<ReturnType<typeof askEngine>>['data']): string =>
  data.orphans.length === 0
    ? 'nothing was left behind'
    : `${ctx.paint('warn', 'left behind')} by agents of vc, ${memText(data.orphan_mem_bytes)} in all\n${tableText(
        ['PID', 'COMMAND', 'MEM', 'MACHINE', 'OF', 'WHY'],
        data.orphans.map((one) => [
          String(one.pid),
          displayText(one.command, 40),
          memText(one.mem_bytes),
          displayText(one.machine),
          displayText(one.agent),
          one.why.replaceAll('_', ' '),
        ]),
        ctx.paint,
      )}\nnothing of it is ended by itself: vc agent stop --orphan <pid>`

export const listAgents: RegisterCommand = (agent, deps) => {
  agent
    .command('list')
    .description('agents that vc keeps, how they do, and the others it sees')
    .option('--managed', 'only those vc keeps')
    .option('--orphans', 'only what agents of vc left behind')
    .option('-m, --machine <id>', 'only this machine')
    .option('--role <role>', 'only this role or label')
    .option('--tier <tier>', `only this tier: ${MODEL_TIERS.join(', ')}`)
    .option('--all', 'ended and forgotten ones too')
    .option('--ended <n>', 'so many of those that are stopped, refused or forgotten, the last ones (100)')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent list\n  vc agent list --managed --role coder --json\n  vc agent list --orphans',
    )
    .action((options: ListOptions, command: Command) => list(contextOf(command, deps), deps, options))
}
