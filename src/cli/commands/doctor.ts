import * as z from 'zod'
import { holderFix, holderWords } from '../../commands/holder-words.ts'
import { refusalWords } from '../../commands/refusal-words.ts'
import { storeHolder } from '../../commands/store-holder.ts'
import type { LoadedConfig, VcPaths } from '../../config/index.ts'
import type { AskRequest, Reader, Reply } from '../../core/carrier.ts'
import { EXIT, VcError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import type { Paint, Tone } from '../io.ts'
import { isOtherBuild, OTHER_BUILD_FIX } from '../other-build.ts'
import { isOfStore, sayWarnings } from '../say-warnings.ts'

const data = z.object({
  findings: z.array(
    z.object({
      level: z.enum(['bad', 'warn', 'ok']),
      machine: z.string().nullable(),
      topic: z.string(),
      says: z.string(),
      fix: z.string().nullable(),
    }),
  ),
})

const SIGN: Record<'bad' | 'warn' | 'ok', readonly [string, Tone]> = {
  bad: ['✗', 'bad'],
  warn: ['▲', 'warn'],
  ok: ['✓', 'good'],
}

type Finding = z.output<typeof data>['findings'][number]

const findingLine = (paint: Paint, f: Finding): string => {
  const [sign, tone] = SIGN[f.level]
  const fix = f.fix ? `\n    → ${displayText(f.fix, 1_000)}` : ''
  return `${paint(tone, sign)} ${f.machine ? `${f.machine}: ` : ''}${displayText(f.says, 400)}${fix}`
}

const RANK = { bad: 0, warn: 1, ok: 2 } as const

// What is wrong here is said even when nobody can answer for the fleet.
const lookAround = async (loaded: LoadedConfig): Promise<Finding[]> => {
  const [{ lookHere }, { judgeHere }, { openHere }] = await Promise.all([
    import('../../commands/doctor-facts.ts'),
    import('../../commands/doctor-here.ts'),
    import('../../commands/open-here.ts'),
  ])
  const here = openHere()
  try {
    return judgeHere(await lookHere(loaded, here, new Date()))
  } finally {
    await here.close()
  }
}

interface Silent {
  readonly says: string
  readonly fix: string
}

const refused = (refusal: VcError | null): Finding[] => {
  if (refusal === null) return []
  const { message, fix } = refusalWords(refusal)
  return [{ level: 'bad', machine: null, topic: 'config', says: message, fix }]
}

/** The daemon that goes on with what the file said before. */
const readerBeside = async (deps: CliDeps, paths: VcPaths, refusal: VcError): Promise<Reader> => {
  const reader = await deps.runningReader(paths)
  if (reader === null) throw refusal
  return reader
}

/** Who has the store and does not answer, once a daemon that starts was waited for. Why nobody can answer is told elsewhere. */
const silentOwner = async (opening: Promise<Reader>, paths: VcPaths): Promise<Silent | null> => {
  const reader = await opening.catch(() => null)
  const pid = reader?.carrier === 'embedded' ? null : await storeHolder(paths.dataDir)
  if (pid === null) return null
  const fix = holderFix(pid, 'it may be busy: look again in a moment; if it stays silent: vc daemon stop')
  return { says: `${holderWords(pid)} owns ${paths.dataDir} but does not answer`, fix }
}

const daemonLine = async (
  deps: CliDeps,
  running: Awaited<ReturnType<CliDeps['pingDaemon']>>,
  silent: Silent | null,
  paint: Paint,
): Promise<string> => {
  if (running !== null) {
    const told = `daemon: pid ${running.pid}, since ${running.startedAt}`
    return (await isOtherBuild(deps, running))
      ? `${paint('warn', '▲')} ${told}, runs other code than this command → ${OTHER_BUILD_FIX}`
      : `${paint('good', '✓')} ${told}`
  }
  // Another could not be started beside it.
  return silent === null
    ? `${paint('warn', '▲')} daemon: none answers, so nothing is being collected → vc daemon --detach`
    : `${paint('bad', '✗')} daemon: ${silent.says} → ${silent.fix}`
}

const questionOf = ({ machine }: { readonly machine?: string }): AskRequest => ({
  topic: 'doctor',
  params: machine === undefined ? {} : { machine },
})

/** The answer about one machine, asked before anything is printed that would look like one. Throws when its name is wrong. */
const askedFirst = async (opening: Promise<Reader>, options: { readonly machine?: string }): Promise<Reply | null> => {
  const reader = options.machine === undefined ? null : await opening.catch(() => null)
  if (reader === null) return null
  return reader.ask(questionOf(options)).catch(async (error: unknown) => {
    // Why nobody answers is told below what is known all the same.
    if (!(error instanceof VcError) || error.exitCode !== EXIT.usage) return null
    await reader.close()
    throw error
  })
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('doctor')
    .description('what vc cannot see and why, what will be deleted, and what vc itself costs')
    .option('-m, --machine <id>', 'only this machine')
    .addHelpText('after', '\nExit 1 when something is broken.\n\nExamples:\n  vc doctor\n  vc doctor -m atlas --json')
    .action(async (options: { machine?: string }, command) => {
      const ctx = contextOf(command, deps)
      const { loaded, paths, refusal } = await ctx.places()
      const format = ctx.format(['table', 'json'])
      const opening = loaded === null ? readerBeside(deps, paths, refusal) : deps.openReader(loaded)
      // Without a daemon there is nothing to tell but why the configuration is refused.
      if (refusal !== null) await opening
      const around = loaded !== null && options.machine === undefined ? await lookAround(loaded) : []
      const here = [...refused(refusal), ...around]
      const silent = await silentOwner(opening, paths)
      const first = await askedFirst(opening, options)
      const running = await deps.pingDaemon({ paths })
      if (format === 'table') {
        ctx.print(await daemonLine(deps, running, silent, ctx.paint))
        for (const f of here.toSorted((a, b) => RANK[a.level] - RANK[b.level])) ctx.print(findingLine(ctx.paint, f))
      }
      const reader = await opening
      try {
        const { begunAnew: anew, ...reply } = first ?? (await reader.ask(questionOf(options)))
        const { findings } = data.parse(reply.data)
        const lost: Finding[] =
          anew === undefined
            ? []
            : [{ level: 'bad', machine: null, topic: 'backup', says: anew.message, fix: anew.fix }]
        if (format === 'table') sayWarnings(ctx, reply.warnings?.filter(isOfStore))
        if (format === 'json') ctx.printJson({ ...reply, here: [...here, ...lost] })
        else for (const f of [...lost, ...findings]) ctx.print(findingLine(ctx.paint, f))
        if ([...here, ...lost, ...findings].some((f) => f.level === 'bad')) ctx.exit(EXIT.fault)
      } finally {
        await reader.close()
      }
    })
}
