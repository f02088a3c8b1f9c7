import type { ActDoor } from '../commands/act-door.ts'
import type { Acted, ActWish } from '../core/action.ts'
import { EXIT, type ExitCode } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { askYes } from './ask-person.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'
import { isInteractive } from './io.ts'

export interface ActOptions {
  /** Said on the command line already; needs a terminal all the same. */
  readonly yes?: boolean
}

type Wish = Omit<ActWish, 'origin' | 'actor'>

/** 0 observed or accepted · 4 refused · 5 unknown, or only a part of it was seen. */
export const exitOf = ({ outcome, effects }: Acted): ExitCode => {
  if (outcome === 'refused') return EXIT.refused
  if (outcome === 'outcome_unknown') return EXIT.unknownEffect
  return outcome === 'queued' || effects.every((effect) => effect.observed) ? EXIT.answered : EXIT.unknownEffect
}

const WORDS: Readonly<Record<Acted['outcome'], string>> = {
  recorded: 'recorded',
  queued: 'queued',
  done: 'in part: not all of it was seen to happen',
  verified: 'done and seen',
  refused: 'refused',
  outcome_unknown: 'not known: it may have happened',
}

// What these leave open stands on the agent's own screen.
const SHOWS: ReadonlySet<string> = new Set(['send', 'nudge', 'approve', 'reject', 'interrupt', 'compact'])

const whereToLook = (acted: Acted, { verb, params }: Wish): readonly string[] =>
  exitOf(acted) === EXIT.unknownEffect && SHOWS.has(verb.replace(/^agent\./, '')) && typeof params.agent === 'string'
    ? [`vc agent logs ${displayText(params.agent, 200)} --screen`]
    : []

/** What came of an action, in lines. */
export const actedLines = (ctx: CliContext, acted: Acted, wish?: Wish): readonly string[] => {
  const tone = exitOf(acted) === EXIT.answered ? 'good' : acted.outcome === 'refused' ? 'bad' : 'warn'
  return [
    `${ctx.paint(tone, WORDS[acted.outcome])}${acted.refusal ? `: ${displayText(acted.refusal.message, 500)}` : ''}`,
    ...acted.effects.map(
      ({ what, observed, evidence }) =>
        `  ${observed ? 'seen:' : ctx.paint('warn', 'not seen that')} ${displayText(what, 200)}${evidence === null ? '' : ctx.paint('dim', ` (${displayText(evidence, 120)})`)}`,
    ),
    ...(acted.refusal ? [`  ${ctx.paint('strong', 'fix:')} ${displayText(acted.refusal.fix, 300)}`] : []),
    ...(wish === undefined ? [] : whereToLook(acted, wish)).map((line) => `  ${ctx.paint('strong', 'look:')} ${line}`),
    ctx.paint('dim', `  audit ${acted.auditId}`),
  ]
}

/** The same for a program. */
export const actedData = ({ auditId, refusal, data, ...rest }: Acted): Readonly<Record<string, unknown>> => ({
  ...rest,
  audit: auditId,
  refusal: refusal ?? null,
  ...(data ? { details: data } : {}),
})

const show = (ctx: CliContext, format: 'table' | 'json', acted: Acted, wish: Wish): void => {
  if (format === 'json') ctx.printJson({ data: actedData(acted) })
  else for (const line of actedLines(ctx, acted, wish)) ctx.print(line)
  ctx.exit(exitOf(acted))
}

// The question goes where the person looks, and never into an answer that a program reads.
export const answerOf = async (
  ctx: CliContext,
  proposed: { readonly question: string; readonly shown: readonly string[] },
): Promise<boolean> => {
  for (const line of proposed.shown) ctx.io.stderr.write(`${displayText(line, 500)}\n`)
  return askYes(ctx.io, displayText(proposed.question, 1_000))
}

const through = async (ctx: CliContext, door: ActDoor, wish: ActWish, { yes = false }: ActOptions): Promise<Acted> => {
  const proposed = await door.propose(wish, isInteractive(ctx.io))
  if (proposed.verdict === 'acted') return proposed.acted
  return door.confirm(proposed.token, yes || (await answerOf(ctx, proposed)), isInteractive(ctx.io))
}

/** Proposes, asks the person where the owner says so, and prints what came of it. Sets the exit code. */
export const actAndPrint = async (
  ctx: CliContext,
  deps: Pick<CliDeps, 'openActDoor'>,
  wish: Wish,
  options: ActOptions,
): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const loaded = await ctx.config()
  // A slip is no wish that was refused: nobody need find it in the audit.
  const { machine } = wish.params
  if (typeof machine === 'string') (await import('../commands/machines-named.ts')).machineNamed(loaded, machine)
  const [door, { actorHere }] = await Promise.all([deps.openActDoor(loaded), import('../commands/incident-send.ts')])
  try {
    show(ctx, format, await through(ctx, door, { ...wish, origin: 'person', actor: actorHere() }, options), wish)
  } finally {
    await door.close()
  }
}
