import type { CapturedEvidence } from '../../commands/capture-evidence.ts'
import { type AgentRows, differing, explainAgent, renderVerdict, storedState } from '../../commands/explain-agent.ts'
import { judgeBundle, parseBundle } from '../../commands/explain-bundle.ts'
import { bundleText } from '../../commands/explain-file.ts'
import { usageError, VcError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { readPast } from '../read-past.ts'
import { sayWarnings } from '../say-warnings.ts'

interface ExplainOptions {
  readonly from?: string
  readonly at?: string
  readonly stored?: boolean
}

const bundleOf = (path: string, text: string): ReturnType<typeof parseBundle> => {
  try {
    return parseBundle(text)
  } catch (error) {
    // Whoever judges a folder of bundles needs to know which one it was.
    if (!(error instanceof VcError)) throw error
    throw new VcError(error.code, `${path}: ${error.message}`, error.fix, { exitCode: error.exitCode, cause: error })
  }
}

const judgeFile = async (ctx: CliContext, path: string): Promise<void> => {
  const bundle = bundleOf(path === '-' ? 'stdin' : path, await bundleText(path, ctx.io.stdin))
  const verdict = judgeBundle(bundle)
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson(verdict)
  else ctx.print(renderVerdict(typeof bundle.id === 'string' ? bundle.id : path, verdict))
}

const printStored = (ctx: CliContext, rows: AgentRows, warnings: readonly string[]): void => {
  const evidence = explainAgent(rows)
  if (ctx.format(['table', 'json']) === 'json') {
    ctx.printJson(warnings.length === 0 ? evidence : { ...evidence, warnings })
    return
  }
  sayWarnings(ctx, warnings, ['stored_evidence'])
  const id = String(evidence.id)
  ctx.print(evidence.captured_at === null ? `${id}: seen, not judged yet` : renderVerdict(id, judgeBundle(evidence)))
}

const printNow = (ctx: CliContext, rows: AgentRows, { bundle, notes }: CapturedEvidence): void => {
  const verdict = judgeBundle(bundle)
  const stored = storedState(rows)
  if (ctx.format(['table', 'json']) === 'json') {
    ctx.printJson({ ...bundle, verdict, stored, notes })
    return
  }
  const id = String(bundle.id)
  const lines = [...notes.map((note) => `  note: ${displayText(note, 400)}`), ...differing(verdict, stored)]
  ctx.print([renderVerdict(id, verdict), ...lines].join('\n'))
}

/** What the machine shows now; stored rows, with a warning, where it cannot be asked. */
const explainNow = async (ctx: CliContext, deps: CliDeps, agent: string, options: ExplainOptions): Promise<void> => {
  const loaded = await ctx.config()
  const reader = await deps.openReader(loaded)
  try {
    const at = options.at === undefined ? {} : { at: options.at }
    const reply = await reader.ask({ topic: 'explain', params: { id: agent, ...at } })
    const rows = reply.data as AgentRows
    if (options.stored === true || options.at !== undefined) return printStored(ctx, rows, reply.warnings ?? [])
    const capture = await deps.captureNow(loaded, reader.carrier)
    const captured = await capture(rows).catch((error: unknown) => {
      if (error instanceof VcError) return error
      throw error
    })
    if (!(captured instanceof VcError)) return printNow(ctx, rows, captured)
    const message = `stored_evidence: ${displayText(captured.message, 500)}; this is what is stored of it, screens and records are missing`
    ctx.note({ code: 'stored_evidence', message, fix: captured.fix })
    printStored(ctx, rows, [message])
  } finally {
    await reader.close()
  }
}

// A file holds one agent at one moment: a verdict of it is no answer about another agent, or about another time.
const refuseBoth = (agent: string | undefined, options: ExplainOptions): void => {
  const beside = [agent, options.stored ? '--stored' : undefined, options.at === undefined ? undefined : '--at']
  const more = beside.find((word) => word !== undefined)
  if (more !== undefined)
    throw usageError(
      'too_much',
      `--from judges what the file holds, so ${displayText(more, 200)} says nothing beside it`,
      `vc explain --from ${options.from}, or without --from`,
    )
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('explain')
    .description('look at an agent now: which evidence decides its state, what lost, how old each is')
    .argument('[agent]', 'agent id, session id, or an unambiguous beginning')
    .option('--from <file>', 'judge an evidence bundle again, offline; - reads it from stdin')
    .option('--stored', 'from stored rows alone: no look at the machine, no screen, no transcript')
    .option('--at <when>', 'the past, from stored rows: an age such as 2h, or an ISO time', readPast)
    .addHelpText(
      'after',
      '\nExamples:\n  vc explain atlas/claude-7k2m\n  vc explain claude-7k --json > evidence.json\n  vc explain --from evidence.json',
    )
    .action(async (agent: string | undefined, options: ExplainOptions, command) => {
      const ctx = contextOf(command, deps)
      if (options.from !== undefined) {
        refuseBoth(agent, options)
        return judgeFile(ctx, options.from)
      }
      if (agent === undefined)
        throw usageError('no_agent', 'which agent?', 'vc explain <agent>; vc robot agents lists them')
      return explainNow(ctx, deps, agent, options)
    })
}
