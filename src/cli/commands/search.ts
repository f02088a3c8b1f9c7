import type { MachineContent } from '../../commands/search-content.ts'
import type { LoadedConfig } from '../../config/index.ts'
import type { Reader } from '../../core/carrier.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { sayWarnings } from '../say-warnings.ts'

interface SearchOptions {
  readonly kind?: string
  readonly machine?: string
  readonly limit?: string
  readonly content?: boolean
}

interface Hit {
  readonly kind: string
  readonly machine: string | null
  readonly subject: string
  readonly field: string
  readonly value: string
  readonly leads_to: string
}

interface Found {
  readonly hits: readonly Hit[]
  readonly more: boolean
}

const CONTENT_LIMIT = 10

const hitLines = ({ kind, machine, subject, field, value, leads_to }: Hit): string => {
  const where = machine === null || machine === subject ? '' : ` on ${displayText(machine)}`
  const what = value === subject ? '' : `  ${field}: ${displayText(value, 160)}`
  return `${kind} ${displayText(subject)}${where}${what}\n  → ${displayText(leads_to, 300)}`
}

const contentLines = ({ machine, source, hits, total, trouble }: MachineContent): string[] => {
  const label = `${displayText(machine)} (${source})`
  if (trouble !== null) return [`${label}: ${displayText(trouble, 300)}`]
  const more = total !== null && total > hits.length ? ` of ${total}` : ''
  return [
    `${label}: ${hits.length}${more} in sessions`,
    ...hits.map((hit) => {
      const head = [hit.at?.slice(0, 16).replace('T', ' '), hit.agent, hit.origin && `from ${hit.origin}`, hit.title]
      const place =
        hit.path === null ? '' : `\n    ${displayText(hit.path, 512)}${hit.line === null ? '' : `:${hit.line}`}`
      const words = hit.snippet === null ? '' : `\n    ${displayText(hit.snippet, 300)}`
      return `  ${head
        .filter((part) => part)
        .map((part) => displayText(String(part)))
        .join('  ')}${words}${place}`
    }),
  ]
}

/** Machines to ask for content: the one named, else all where vc has seen cass. */
const machinesWithCass = async (reader: Reader, only: string | undefined): Promise<readonly string[]> => {
  if (only !== undefined) return [only]
  const reply = await reader.ask({ topic: 'content', params: {} })
  const { indexes } = reply.data as {
    readonly indexes: readonly { readonly machine: string; readonly state: string }[]
  }
  return indexes.filter(({ state }) => state !== 'not_initialized').map(({ machine }) => machine)
}

const contentFor = async (
  ctx: CliContext,
  deps: CliDeps,
  asked: {
    readonly loaded: LoadedConfig
    readonly reader: Reader
    readonly text: string
    readonly options: SearchOptions
  },
): Promise<readonly MachineContent[]> => {
  const machines = await machinesWithCass(asked.reader, asked.options.machine)
  if (machines.length === 0) {
    const message = 'no machine vc looked at has an index of cass, so what agents wrote is not searched'
    ctx.note({ code: 'no_cass', message, fix: 'install cass there; vc robot content' })
    return []
  }
  const search = await deps.searchContent(asked.loaded, asked.reader.carrier)
  const limit = Math.min(Number(asked.options.limit ?? CONTENT_LIMIT), 100)
  return search({ text: asked.text, machines, limit })
}

const run = async (ctx: CliContext, deps: CliDeps, text: string, options: SearchOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const loaded = await ctx.config()
  const reader = await deps.openReader(loaded)
  try {
    const { kind, machine, limit } = options
    const given = Object.entries({ kind, machine, limit }).filter(([, value]) => value !== undefined)
    const reply = await reader.ask({ topic: 'search', params: { id: text, ...Object.fromEntries(given) } })
    const { hits, more } = reply.data as Found
    const content = options.content === true ? await contentFor(ctx, deps, { loaded, reader, text, options }) : null
    if (format === 'json') {
      ctx.printJson({ hits, more, ...(content === null ? {} : { content }), warnings: reply.warnings ?? [] })
      return
    }
    sayWarnings(ctx, reply.warnings)
    const lines = [
      ...hits.map(hitLines),
      ...(more ? ['… and more: raise --limit, or narrow with --kind and --machine'] : []),
    ]
    const nothing = hits.length === 0 ? [`nothing vc knows holds “${displayText(text)}”`] : []
    ctx.print([...nothing, ...lines, ...(content ?? []).flatMap(contentLines)].join('\n'))
  } finally {
    await reader.close()
  }
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('search')
    .description('find a text in all that vc knows, and with --content in what agents wrote')
    .argument('<text>', 'looked for as it stands, without regard to case')
    .option('--kind <kinds>', 'only these: machine,agent,session,terminal,repo,alert,account,event')
    .option('-m, --machine <id>', 'only this machine')
    .option('--limit <n>', 'most hits, and most per machine with --content')
    .option('--content', 'ask cass on the machines that have it, too: what agents wrote and read')
    .addHelpText(
      'after',
      '\nEach hit names the command that shows more.\n\nExamples:\n  vc search limits\n  vc search shop --kind agent,session\n  vc search "rate limit" --content -m atlas',
    )
    .action((text: string, options: SearchOptions, command) => run(contextOf(command, deps), deps, text, options))
}
