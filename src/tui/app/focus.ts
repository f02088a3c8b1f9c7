import type { Input } from '../input.ts'
import { type Cockpit, closeLayer, openLayer, say } from './cockpit.ts'
import type { Hint, Layer } from './layer.ts'
import { questionLayer } from './layers/prompt.ts'
import { openTyping, tmuxKey } from './typing.ts'

/** Ctrl-], as its code makes it: no agent CLI uses it. */
const LEAVE = 'ctrl-}'

export const FOCUS_HINTS: readonly Hint[] = [
  { keys: 'Ctrl-]', says: 'stop: keys are the cockpit’s again' },
  { keys: '', says: 'every other key goes to the agent' },
]

/** The keys of a person, while an agent has them. */
export interface Focus {
  readonly agent: string
  press(input: Input): void
  /** Presses that have not arrived yet. */
  onTheWay(): number
  close(): void
}

const begin = (cockpit: Cockpit, agent: string, ended: () => void): Focus => {
  const { live, ports } = cockpit
  const typing = openTyping({
    press: (pressed) => ports.press(agent, pressed),
    arrived: () => live.again(agent),
    refused(why, lost) {
      live.again(agent)
      say(cockpit, `${lost === 1 ? 'the key was' : `${lost} presses were`} not sent: ${why}`, 'bad')
    },
  })
  const take = (input: Input): void => {
    const seen = live.seen(agent)
    if (input.kind === 'mouse') return
    if (seen === null) {
      say(cockpit, 'not sent: the screen you see is old; wait for a fresh look', 'bad')
      return
    }
    if (input.kind === 'paste') {
      typing.paste(input.text, seen.dialog)
      return
    }
    const key = tmuxKey(input)
    if (key === null) say(cockpit, `${input.key} cannot be pressed over there`)
    else typing.key(key, seen.dialog)
  }
  return {
    agent,
    press(input) {
      if (input.kind === 'key' && input.key === LEAVE) ended()
      else take(input)
    },
    onTheWay: typing.onTheWay,
    close: typing.close,
  }
}

/** Asks once, and then lets keys go to the agent until Ctrl-]. `focused` gets the focus, and null when it is over. */
export const askFocus = (cockpit: Cockpit, agent: string, focused: (focus: Focus | null) => void): void => {
  const layer: Layer = questionLayer(
    {
      lines: [
        'Each key goes through the gate as your own act, and is audited by number, never by what it was.',
        'A key that would meet another dialog than the one you see is refused.',
      ],
      message: `Let the keys you press go to ${agent}, until you press Ctrl-]?`,
      kind: 'yes',
    },
    (answer) => {
      closeLayer(cockpit, layer)
      if (answer !== 'yes') return
      const focus = begin(cockpit, agent, () => {
        focus.close()
        focused(null)
        say(cockpit, `keys are the cockpit’s again`, 'info')
      })
      focused(focus)
    },
  )
  openLayer(cockpit, layer)
}
