import * as z from 'zod'
import type { ActDoor } from '../../../commands/act-door.ts'
import {
  isSameDialog,
  mayWaitAlike,
  nothingToCompare,
  type ShownDialog,
  type WaitingAgent,
} from '../../../commands/agent-act/same-dialog.ts'
import type { Proposed } from '../../../commands/doer.ts'
import type { Acted, ActWish } from '../../../core/action.ts'
import type { Reader } from '../../../core/carrier.ts'
import { EXIT, type ExitCode, VcError } from '../../../core/errors.ts'
import { displayText } from '../../../core/text.ts'
import { actedData, actedLines, answerOf, exitOf } from '../../act.ts'
import type { CliContext } from '../../context.ts'
import type { CliDeps } from '../../deps.ts'
import { isInteractive } from '../../io.ts'

const Explained = z.object({
  agent: z.object({ agent_id: z.string(), cli: z.string(), cwd: z.string().nullable() }),
  pane: z.object({ dialog_hash: z.string().nullish() }).nullish(),
})
const Agents = z.object({
  agents: z.array(
    z.object({ agent: z.string(), cli: z.string(), kind: z.string(), state: z.string(), cwd: z.string().nullable() }),
  ),
})

type Named = Pick<WaitingAgent, 'agent' | 'cli' | 'cwd'>

const lookedUp = async (reader: Reader, id: string): Promise<Named & { readonly hash: string | null }> => {
  const { agent, pane } = Explained.parse((await reader.ask({ topic: 'explain', params: { id } })).data)
  return { agent: agent.agent_id, cli: agent.cli, cwd: agent.cwd, hash: pane?.dialog_hash ?? null }
}

/** The agent that was named, and others on whose screens the same dialog was seen. */
const candidates = async (reader: Reader, name: string): Promise<readonly Named[]> => {
  const first = await lookedUp(reader, name)
  const { agents } = Agents.parse((await reader.ask({ topic: 'agents', params: {} })).data)
  const others: Named[] = []
  for (const one of first.hash === null ? [] : mayWaitAlike(first, agents))
    if ((await lookedUp(reader, one.agent)).hash === first.hash) others.push(one)
  return [first, ...others]
}

const refusal = (code: string, message: string, fix: string): VcError =>
  new VcError(code, message, fix, { exitCode: EXIT.refused })

/** What each of them shows now, as whoever owns the store sees it. Acted: refused already. */
interface Looked {
  readonly who: Named
  readonly proposed: Proposed
}

const look = async (ctx: CliContext, door: ActDoor, who: Named, actor: string): Promise<Looked> => {
  const wish: ActWish = { verb: 'agent.approve', params: { agent: who.agent }, origin: 'person', actor }
  return { who, proposed: await door.propose(wish, isInteractive(ctx.io)) }
}

type Asked = Looked & { readonly proposed: Extract<Proposed, { verdict: 'ask' }> }
const asks = (one: Looked): one is Asked => one.proposed.verdict === 'ask'
const dialogOf = ({ who, proposed }: Asked): ShownDialog => ({ agent: who.agent, cli: who.cli, lines: proposed.shown })

/** Those who ask the same now. Throws a refusal where there is nothing to compare, or nobody else asks it. */
const alike = (looked: readonly Looked[], name: string): readonly Asked[] => {
  const [first, ...others] = looked.filter(asks)
  if (first === undefined) throw refusal('no_dialog', `${name} cannot be answered now`, `vc agent approve ${name}`)
  const idle = nothingToCompare(dialogOf(first))
  if (idle !== null) throw refusal(idle.code, idle.message, idle.fix)
  const same = others.filter((one) => isSameDialog(dialogOf(first), dialogOf(one)))
  if (same.length > 0) return [first, ...same]
  const { agent } = first.who
  throw refusal('no_one_else', `nobody else waits with the dialog of ${agent}`, `vc agent approve ${agent}`)
}

const question = (all: readonly Asked[]): string =>
  `Approve exactly this for ${all.length} agents: ${all
    .map(({ who }) => `${who.agent} in ${displayText(who.cwd ?? '?', 60)}`)
    .join(', ')}?`

interface Ended {
  readonly agent: string
  readonly acted: Acted | VcError
}

// One that fails does not keep the others from their answer: each has its own dialog, looked at again before the key.
const answered = async (ctx: CliContext, door: ActDoor, one: Asked, yes: boolean): Promise<Ended> => {
  try {
    return { agent: one.who.agent, acted: await door.confirm(one.proposed.token, yes, isInteractive(ctx.io)) }
  } catch (error) {
    if (error instanceof VcError) return { agent: one.who.agent, acted: error }
    throw error
  }
}

const codeOf = ({ acted }: Ended): ExitCode => (acted instanceof VcError ? acted.exitCode : exitOf(acted))

const linesOf = (ctx: CliContext, { agent, acted }: Ended): readonly string[] => {
  const [head = '', ...more] =
    acted instanceof VcError ? [`${acted.message}`, `  fix: ${acted.fix}`] : actedLines(ctx, acted)
  return [`${displayText(agent)}: ${head}`, ...more]
}

const dataOf = ({ agent, acted }: Ended): Readonly<Record<string, unknown>> =>
  acted instanceof VcError
    ? { agent, outcome: 'refused', refusal: { code: acted.code, message: acted.message, fix: acted.fix } }
    : { agent, ...actedData(acted) }

const print = (ctx: CliContext, format: 'table' | 'json', ended: Ended): void => {
  if (format === 'table') for (const line of linesOf(ctx, ended)) ctx.print(line)
}

const throughDoor = async (ctx: CliContext, door: ActDoor, found: readonly Named[], actor: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const looked: Looked[] = []
  for (const who of found) looked.push(await look(ctx, door, who, actor))
  const [first] = looked
  // What keeps the named one from being answered is said as it would be without the others.
  if (first?.proposed.verdict === 'acted') {
    const ended = { agent: first.who.agent, acted: first.proposed.acted }
    print(ctx, format, ended)
    if (format === 'json') ctx.printJson({ data: [dataOf(ended)] })
    return ctx.exit(codeOf(ended))
  }
  const all = alike(looked, first?.who.agent ?? '')
  const left = looked.filter(({ who }) => !all.some((one) => one.who.agent === who.agent))
  const shown = [
    ...left.map(({ who }) => `left out: ${who.agent} shows another dialog now, or cannot be answered`),
    ...(all[0]?.proposed.shown ?? []),
  ]
  const yes = await answerOf(ctx, { question: question(all), shown })
  const results: Ended[] = []
  for (const one of all) {
    const ended = await answered(ctx, door, one, yes)
    print(ctx, format, ended)
    results.push(ended)
  }
  if (format === 'json') ctx.printJson({ data: results.map(dataOf) })
  ctx.exit(results.map(codeOf).find((code) => code !== EXIT.answered) ?? EXIT.answered)
}

/** One yes for all agents of one CLI that wait with the identical dialog, each answered through the door as if alone. */
export const approveSame = async (
  ctx: CliContext,
  deps: Pick<CliDeps, 'openActDoor' | 'openReader'>,
  name: string,
): Promise<void> => {
  const config = await ctx.config()
  const reader = await deps.openReader(config)
  // Let go of the store before the door may need it.
  const found = await candidates(reader, name).finally(() => reader.close())
  const [door, { actorHere }] = await Promise.all([
    deps.openActDoor(config),
    import('../../../commands/incident-send.ts'),
  ])
  try {
    await throughDoor(ctx, door, found, actorHere())
  } finally {
    await door.close()
  }
}
