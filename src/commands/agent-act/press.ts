import type { Refusal } from '../../core/action.ts'
import { VcError } from '../../core/errors.ts'
import type { AgentReach as InReach } from '../../engine/perform.ts'
import { shownPieces } from '../../engine/perform-judge.ts'
import type { AgentRow } from '../../store/index.ts'
import type { KeysRequest } from './reach.ts'

// Programs take keys that come in one instant for a paste, or for one key with Alt.
const KEY_PAUSE_MS = 20

const otherDialog = (agent: AgentRow): Refusal => ({
  code: 'prompt_changed',
  message: `the dialog on the screen of ${agent.agent_id} is not the one you saw when you pressed`,
  fix: 'look again, and press what answers what is there now',
})

/** Pieces of the dialog that must still stand there in the instant of the key. */
const piecesNow = async ({ host, ref, eye }: InReach, hash: string): Promise<readonly string[]> => {
  const [now] = await host.capture([ref])
  return now?.is === 'screen'
    ? shownPieces({ see: 'dialog', hash }, { dialog: eye.dialogOf(now.text), screen: now.text })
    : []
}

/** A person's keys, as they come: the screen is judged under the writer's lock, so that no key meets a dialog nobody saw. */
export const pressIn = async (
  agent: AgentRow,
  reach: InReach,
  { keys, text, dialogHash }: KeysRequest,
): Promise<Refusal | { readonly is: 'pressed' }> => {
  const { host, ref, eye } = reach
  const screen = (now: { readonly text: string }): string | null =>
    (eye.dialogOf(now.text)?.hash ?? null) === dialogHash ? null : 'another dialog'
  const stillShows = dialogHash === null ? [] : await piecesNow(reach, dialogHash)
  const request = text === '' ? { keys, keyPauseMs: KEY_PAUSE_MS } : { text }
  const typed = await host.type(ref, request, { screen, stillShows })
  if (typed.is === 'typed') return { is: 'pressed' }
  if (typed.is === 'trouble') return { code: typed.code, message: typed.message, fix: typed.fix }
  if (typed.is === 'outcome_unknown')
    throw new VcError('outcome_unknown', typed.detail, 'look at the agent before you press again')
  if (typed.why === 'screen_changed') return otherDialog(agent)
  return { code: typed.why, message: `nothing was pressed: ${typed.detail}`, fix: `vc agent show ${agent.agent_id}` }
}
