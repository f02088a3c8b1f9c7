import type { Input } from '../input.ts'
import type { Line } from '../view/line.ts'
import { type Cockpit, type Deeds, goTo, grant, say, standHere } from './cockpit.ts'
import { jumpTo } from './key-acts.ts'
import { keyName } from './key-names.ts'
import { type AppKey, RESERVED } from './keys.ts'
import { clicked, moved } from './moves.ts'
import type { Tab } from './tabs.ts'

interface Keys {
  readonly appKeys: readonly AppKey[]
  readonly deeds: Deeds
  tabs(): readonly Tab[]
}

const plainText = (lines: readonly Line[]): string =>
  lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n')

const leaveCopy = (cockpit: Cockpit): void => {
  cockpit.state.copying = null
  cockpit.mouse(cockpit.state.mouse)
}

// OSC 52 hands text to the clipboard of the terminal, also over ssh and (with set-clipboard on) through tmux.
const copyKey = (cockpit: Cockpit, key: string): void => {
  const { copying } = cockpit.state
  if (copying === null) return
  if (key === 'y') {
    cockpit.write(`\u001b]52;c;${Buffer.from(plainText(copying.lines)).toString('base64')}\u0007`)
    leaveCopy(cockpit)
    say(cockpit, `${copying.lines.length} lines handed to the clipboard of the terminal`, 'info')
  } else if (['esc', 'q', 'v', 'ctrl-c'].includes(key)) leaveCopy(cockpit)
}

const screenKey = (cockpit: Cockpit, key: string, deeds: Deeds): boolean => {
  if (RESERVED.includes(key)) return false
  const { screen, model, view } = cockpit.scene()
  const found = screen.keys.find(({ keys }) => keys.some((one) => keyName(one) === key))
  if (found === undefined) return false
  const blocked = found.blockedBy?.(model, view) ?? null
  if (blocked !== null) say(cockpit, `${found.says}: not now, ${blocked}`)
  else grant(cockpit, found.act(model, view), deeds)
  return true
}

const appKey = (cockpit: Cockpit, key: string, { appKeys, deeds }: Keys): boolean => {
  const found = appKeys.find(({ keys }) => keys.includes(key))
  if (found === undefined) return false
  const blocked = found.blockedBy?.(cockpit) ?? null
  if (blocked !== null) say(cockpit, `${found.says}: not now, ${blocked}`, 'muted')
  else found.act(cockpit, deeds)
  return true
}

const mouse = (cockpit: Cockpit, input: Input & { kind: 'mouse' }, keys: Keys): void => {
  const stand = standHere(cockpit)
  if (input.what === 'wheel-down' || input.what === 'wheel-up') {
    clicked(cockpit.scene(), { ...stand, chosen: {}, index: {} }, input.x, input.y)
    moved(cockpit.scene(), stand, { by: input.what === 'wheel-down' ? 3 : -3 })
  } else if (input.what === 'down') {
    const tab = input.y === 1 ? keys.tabs().find(({ from, to }) => input.x >= from && input.x <= to) : undefined
    if (tab !== undefined) goTo(cockpit, tab.id)
    else if (clicked(cockpit.scene(), stand, input.x, input.y)) appKey(cockpit, 'enter', keys)
  }
}

/** What a key, a click or pasted text does now: boxes first, then the screen, then the cockpit. */
export const takeInput = (cockpit: Cockpit, input: Input, keys: Keys): void => {
  const { state } = cockpit
  const layer = state.layers.at(-1)
  state.said = null
  cockpit.changed()
  if (state.copying !== null) {
    if (input.kind === 'key') copyKey(cockpit, input.key)
    return
  }
  if (layer !== undefined) {
    // Ctrl-C in a box that does not type still ends the box, never the cockpit.
    layer.press(input)
    return
  }
  if (input.kind === 'mouse') return void mouse(cockpit, input, keys)
  if (input.kind !== 'key') return
  if (state.going) return void jumpTo(cockpit, input.key)
  if (screenKey(cockpit, input.key, keys.deeds)) return
  if (!appKey(cockpit, input.key, keys)) say(cockpit, `${input.key} does nothing here; ? shows what does`, 'muted')
}
