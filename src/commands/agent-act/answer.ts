import type { ActWish, DeedMaker, Refusal } from '../../core/action.ts'
import type { AgentSight, Choice, DialogSight } from '../../core/agent-adapter.ts'
import { usageError } from '../../core/errors.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'
import type { AgentRow } from '../../store/index.ts'
import { type AgentDeed, agentDeed, agentOf } from './deed.ts'
import type { AgentActPorts } from './reach.ts'

const SHOWN_LINES = 30

const lineOf = (text: string): string => displayText(redact(text), 400)

/** The dialog as a person must see it before answering: whole, redacted, nothing that steers a terminal. */
const shownDialog = ({ title, body, options, hash }: DialogSight): readonly string[] => {
  const lines = body.split('\n').filter((line) => line.trim() !== '' && line.trim() !== title.trim())
  const more = lines.length - SHOWN_LINES
  return [
    lineOf(title),
    ...lines.slice(0, SHOWN_LINES).map((line) => `  ${lineOf(line)}`),
    ...(more > 0 ? [`  … ${more} more lines`] : []),
    ...options.map((label, at) => `  [${at + 1}] ${lineOf(label)}`),
    `dialog ${hash.slice(0, 12)}`,
  ]
}

const NO_DIALOG = (agent: AgentRow, { state }: AgentSight): Refusal => ({
  code: 'no_dialog',
  message: `${agent.agent_id} shows no dialog now; it is ${state}`,
  fix: `vc explain ${agent.agent_id}`,
})

const CHANGED: Refusal = {
  code: 'prompt_changed',
  message: 'the dialog on the screen is not the one you saw',
  fix: 'look again, and answer what is there now',
}

// Whoever looks at an agent that it may not touch has seen enough: the gate says the rest.
const NOT_LOOKED = 'not looked at'

const seenDialog = async (
  { reach }: AgentActPorts,
  agent: AgentRow,
): Promise<DialogSight | Refusal | typeof NOT_LOOKED> => {
  if (agent.kind === 'observed' || agent.ended !== null) return NOT_LOOKED
  const sight = await reach.look(agent)
  if ('code' in sight) return sight
  return sight.dialog ?? NO_DIALOG(agent, sight)
}

const choiceOf = (say: 'approve' | 'reject', { params }: ActWish): Choice => {
  if (params.label === undefined || params.label === null) return { say }
  if (typeof params.label === 'string' && params.label !== '') return { say: 'label', label: params.label }
  throw usageError(
    'bad_label',
    'an option is named by its label, as it stands on the screen',
    'vc agent approve --help',
  )
}

/** The hash of a dialog seen elsewhere (a screen of vc), or a beginning of it. */
const wantedHash = ({ params }: ActWish): string | null => {
  if (params.dialog === undefined || params.dialog === null) return null
  if (typeof params.dialog === 'string' && /^[0-9a-f]{8,64}$/.test(params.dialog)) return params.dialog
  throw usageError(
    'bad_dialog',
    'a dialog is named by the hash vc shows, at least 8 digits of it',
    'vc agent approve --help',
  )
}

const answerDeed = (
  say: 'approve' | 'reject',
  wish: ActWish,
  seen: DialogSight | Refusal | typeof NOT_LOOKED,
): AgentDeed => {
  const choice = choiceOf(say, wish)
  const base = {
    class: 'irreversible',
    why:
      choice.say === 'label'
        ? `answer its dialog with “${lineOf(choice.label).slice(0, 80)}”`
        : `${say} what its dialog asks`,
  } as const
  const refuse = (blocked: Refusal): AgentDeed => ({
    ...base,
    blocked,
    ask: { verb: 'answer', choice, dialogHash: '' },
  })
  if (seen === NOT_LOOKED) return refuse(CHANGED)
  if ('code' in seen) return refuse(seen)
  const wanted = wantedHash(wish)
  if (wanted !== null && !seen.hash.startsWith(wanted)) return refuse(CHANGED)
  return {
    ...base,
    params: { choice: choice.say, ...(choice.say === 'label' ? { label: lineOf(choice.label) } : {}) },
    dialogHash: seen.hash,
    shown: shownDialog(seen),
    ask: { verb: 'answer', choice, dialogHash: seen.hash },
  }
}

/** `agent.approve`, `agent.reject`: bound to the hash of the dialog that was on the screen when the question was asked. */
export const answerMaker =
  (ports: AgentActPorts, say: 'approve' | 'reject'): DeedMaker =>
  async (wish) => {
    const agent = await agentOf(ports, wish)
    return agentDeed(ports, wish, agent, answerDeed(say, wish, await seenDialog(ports, agent)))
  }
