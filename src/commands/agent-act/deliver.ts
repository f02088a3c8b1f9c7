import type { ActWish, DeedMaker } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { agentDeed, agentOf } from './deed.ts'
import { type QuotedSource, quotedSource } from './quoted-source.ts'
import type { AgentActPorts } from './reach.ts'
import { nudgeOf, textOf, textParams } from './texts.ts'

const SHOWN_LINES = 12

// The person is about to have this typed for them: it is shown as it will arrive.
const shownText = (text: string): readonly string[] => {
  const lines = text.split('\n')
  const more = lines.length - SHOWN_LINES
  return [
    ...lines.slice(0, SHOWN_LINES).map((line) => `  ${displayText(line, 200)}`),
    ...(more > 0 ? [`  … ${more} more lines`] : []),
  ]
}

const sized = (text: string): string => `${text.length} characters`

/** `agent.send`: a person's own words as the agent's next prompt. */
export const sendMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) => {
    const text = textOf(wish)
    const agent = await agentOf(ports, wish)
    return agentDeed(ports, wish, agent, {
      class: 'irreversible',
      why: `send ${sized(text)} as its next prompt`,
      params: textParams(text),
      shown: shownText(text),
      ask: { verb: 'deliver', prompt: text },
    })
  }

const KINDS = ['bead', 'mail', 'mission'] as const

/** What the wish wants quoted, as vc has it stored; null: nothing. Throws a usage error for several, or one that is unknown. */
const quotedBy = async (
  { db, now }: AgentActPorts,
  { params }: ActWish,
  machineId: string,
): Promise<QuotedSource | null> => {
  const named = KINDS.flatMap((kind) => (typeof params[kind] === 'string' ? [{ kind, id: params[kind] }] : []))
  const [one, second] = named
  if (second !== undefined) throw usageError('two_quotes', 'a nudge quotes one thing', 'vc agent nudge --help')
  return one === undefined ? null : quotedSource(db, { ...one, machineId, now: now() })
}

/** `agent.nudge`: a reminder, with a bead, mail or mission quoted below it. */
export const nudgeMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish) => {
    const agent = await agentOf(ports, wish)
    const { text, params } = nudgeOf(wish, await quotedBy(ports, wish, agent.machine_id))
    const about =
      typeof params.quoted_kind === 'string'
        ? ` about ${params.quoted_kind} ${displayText(String(params.quoted_id), 64)}`
        : ''
    return agentDeed(ports, wish, agent, {
      class: 'irreversible',
      why: `nudge it${about} with ${sized(text)}`,
      params,
      shown: shownText(text),
      heldByPause: true,
      ask: { verb: 'deliver', prompt: text },
    })
  }
