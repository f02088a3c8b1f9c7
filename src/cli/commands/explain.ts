import { readFile } from 'node:fs/promises'
import { type AgentRows, explainAgent, renderVerdict } from '../../commands/explain-agent.ts'
import { judgeBundle, parseBundle } from '../../commands/explain-bundle.ts'
import { EXIT, usageError, VcError } from '../../core/errors.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'

interface ExplainOptions {
  readonly from?: string
  readonly at?: string
}

const MAX_BUNDLE_BYTES = 32 * 1_048_576

const bundleText = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new VcError(
      'no_bundle',
      `${path} cannot be read (${error.code})`,
      'name a file printed by vc explain <agent> --json',
      { exitCode: EXIT.usage },
    )
  })
  if (text.length > MAX_BUNDLE_BYTES)
    throw usageError('bad_bundle', `${path} is larger than 32 MB`, 'name a file printed by vc explain <agent> --json')
  return text
}

const judgeFile = async (ctx: CliContext, path: string): Promise<void> => {
  const bundle = parseBundle(await bundleText(path))
  const verdict = judgeBundle(bundle)
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson(verdict)
  else ctx.print(renderVerdict(typeof bundle.id === 'string' ? bundle.id : path, verdict))
}

const judgeStored = async (ctx: CliContext, deps: CliDeps, agent: string, at: string | undefined): Promise<void> => {
  const reader = await deps.openReader(await ctx.config())
  try {
    const reply = await reader.ask({ topic: 'explain', params: { id: agent, ...(at === undefined ? {} : { at }) } })
    const evidence = explainAgent(reply.data as AgentRows)
    if (ctx.format(['table', 'json']) === 'json') ctx.printJson(evidence)
    else {
      const id = String(evidence.id)
      ctx.print(
        evidence.captured_at === null ? `${id}: seen, not judged yet` : renderVerdict(id, judgeBundle(evidence)),
      )
    }
  } finally {
    await reader.close()
  }
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('explain')
    .description("which evidence decided an agent's state, what lost, how old each is")
    .argument('[agent]', 'agent id, session id, or an unambiguous beginning')
    .option('--from <file>', 'judge an evidence bundle again, offline')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time')
    .addHelpText(
      'after',
      '\nExamples:\n  vc explain atlas/claude-7k2m\n  vc explain claude-7k --json > evidence.json\n  vc explain --from evidence.json',
    )
    .action(async (agent: string | undefined, options: ExplainOptions, command) => {
      const ctx = contextOf(command, deps)
      if (options.from !== undefined) return judgeFile(ctx, options.from)
      if (agent === undefined)
        throw usageError('no_agent', 'which agent?', 'vc explain <agent>; vc robot agents lists them')
      return judgeStored(ctx, deps, agent, options.at)
    })
}
