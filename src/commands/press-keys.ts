import { socketDoor } from './act-door.ts'
import { actorHere } from './incident-send.ts'

/** What a person pressed for an agent: keys by tmux's names or a pasted text, and the dialog they saw. */
interface Pressed {
  readonly keys: readonly string[]
  readonly text: string
  readonly dialog: string | null
}

/**
 * Proposes the presses to the daemon and says the yes that pressing them was. Null: they arrived; else why nothing was pressed, or
 * that it is not known. Throws NoDaemon when nobody answers: nothing was pressed then.
 */
export const pressKeys = async (socketFile: string, agent: string, pressed: Pressed): Promise<string | null> => {
  const door = socketDoor(socketFile)
  const wish = { verb: 'agent.keys', params: { agent, ...pressed }, origin: 'person', actor: actorHere() } as const
  const proposed = await door.propose(wish, true)
  const { refusal } = proposed.verdict === 'acted' ? proposed.acted : await door.confirm(proposed.token, true, true)
  return refusal === undefined ? null : `${refusal.message} (${refusal.fix})`
}
