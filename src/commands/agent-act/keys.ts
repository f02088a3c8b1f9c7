import type { ActWish, Deed, DeedMaker, DeedResult, Refusal } from '../../core/action.ts'
import { isRefusal } from '../../core/action.ts'
import { usageError, VcError } from '../../core/errors.ts'
import { typedText } from '../../core/quoted-text.ts'
import { checkKeys } from '../../engine/hosts/typed-text.ts'
import { agentNamed } from '../../store/index.ts'
import { agentOf } from './deed.ts'
import type { AgentActPorts, KeysRequest } from './reach.ts'

const MOST_KEYS = 64
const MOST_CHARS = 16_384
const HELP = 'press f on the agent in vc tui'

const keysOf = ({ params }: ActWish): readonly string[] => {
  const { keys = [] } = params
  if (!Array.isArray(keys) || keys.length > MOST_KEYS || !keys.every((key) => typeof key === 'string'))
    throw usageError('bad_keys', `keys are a list of at most ${MOST_KEYS} names`, HELP)
  try {
    checkKeys(keys)
  } catch (error) {
    // Below it is a slip of vc; what came in over a door is one of whoever asked.
    if (error instanceof VcError) throw usageError('bad_keys', error.message, error.fix)
    throw error
  }
  return keys
}

const pastedOf = ({ params }: ActWish): string => {
  const text = typeof params.text === 'string' ? typedText(params.text) : ''
  if (text.length <= MOST_CHARS) return text
  throw usageError('text_too_long', `${text.length} characters were pasted, at most ${MOST_CHARS} go at once`, HELP)
}

/** The dialog that stood before the person when the key was pressed; null: none did. It must be said, it is never assumed. */
const seenOf = ({ params }: ActWish): string | null => {
  if (params.dialog === null) return null
  if (typeof params.dialog === 'string' && /^[0-9a-f]{64}$/.test(params.dialog)) return params.dialog
  throw usageError('bad_dialog', 'keys say which dialog they were pressed before, or that there was none', HELP)
}

const requestOf = (wish: ActWish): KeysRequest => {
  const [keys, text] = [keysOf(wish), pastedOf(wish)]
  if ((keys.length === 0) === (text === ''))
    throw usageError('bad_keys', 'either keys are pressed or a text is pasted, one after the other', HELP)
  return { keys, text, dialogHash: seenOf(wish) }
}

const wordsOf = ({ keys, text }: KeysRequest): string =>
  keys.length > 0 ? `press ${keys.length} keys in its terminal` : `paste ${text.length} characters into its terminal`

/**
 * `agent.keys`: what a person pressed while the agent had the focus. Each act is its own question and its own yes, which is the key
 * itself; it reaches the agent only while the dialog on its screen is the one that the person saw. The audit keeps how many.
 */
export const keysMaker =
  (ports: AgentActPorts): DeedMaker =>
  async (wish): Promise<Deed> => {
    const request = requestOf(wish)
    const agent = await agentOf(ports, wish)
    const { keys, text, dialogHash } = request
    return {
      proposal: {
        verb: wish.verb,
        target: { machineId: agent.machine_id, agentId: agent.agent_id },
        // A hash of so few letters would be the letters.
        params: { keys: keys.length, text_chars: text.length },
        class: 'irreversible',
        why: wordsOf(request),
        origin: wish.origin,
        actor: wish.actor,
        ...(dialogHash === null ? {} : { dialogHash }),
      },
      async check(): Promise<Refusal | null> {
        const now = await agentNamed(ports.db, agent.agent_id)
        if (now !== null && now.kind === agent.kind && now.ended === agent.ended && now.root_pid === agent.root_pid)
          return ports.reach.check(now)
        return {
          code: 'agent_changed',
          message: `${agent.agent_id} is not as it was`,
          fix: `vc agent show ${agent.agent_id}`,
        }
      },
      async act(): Promise<DeedResult | Refusal> {
        const pressed = await ports.reach.press(agent, request)
        if (isRefusal(pressed)) return pressed
        const what = `its terminal took what was ${keys.length > 0 ? 'pressed' : 'pasted'}`
        return { outcome: 'done', effects: [{ what, observed: true, evidence: 'tmux' }] }
      },
    }
  }
