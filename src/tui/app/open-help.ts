import { STATE_SIGNS } from '../view/state-sign.ts'
import type { Cockpit } from './cockpit.ts'
import { closeLayer, openLayer } from './cockpit.ts'
import { keyText } from './key-names.ts'
import type { AppKey } from './keys.ts'
import type { Layer } from './layer.ts'
import { type HelpPart, helpLayer } from './layers/help.ts'
import { screenKeyText } from './tabs.ts'

const names = (keys: readonly string[]): string => keys.map(keyText).join(' ')

const isDigit = ({ keys }: AppKey): boolean => /^\d$/.test(keys[0] ?? '')

const appParts = (cockpit: Cockpit, keys: readonly AppKey[]): HelpPart[] =>
  [...new Set(keys.map(({ group }) => group))].map((group) => ({
    title: group,
    keys: keys
      .filter((key) => key.group === group && !isDigit(key))
      .map((key) => ({ keys: names(key.keys), says: key.says, blocked: key.blockedBy?.(cockpit) ?? null })),
  }))

/** A sign may stand for several states, which only its tone tells apart. */
const signKeys = (): HelpPart['keys'] => {
  const states = Object.values(STATE_SIGNS)
  return [...new Set(states.map(({ sign }) => sign))].map((sign) => ({
    keys: sign,
    says: states.flatMap((state) => (state.sign === sign ? [state.words] : [])).join(' or '),
    blocked: null,
  }))
}

const helpParts = (cockpit: Cockpit, keys: readonly AppKey[]): readonly HelpPart[] => {
  const { screen, model, view } = cockpit.scene()
  return [
    {
      title: `${screen.title}: ${screen.about}`,
      keys: screen.keys.map((key) => ({
        keys: names(key.keys),
        says: key.says,
        blocked: key.blockedBy?.(model, view) ?? null,
      })),
    },
    ...appParts(cockpit, keys),
    {
      title: 'Screens',
      keys: cockpit.screens.map((one) => ({
        keys: screenKeyText(one),
        says: `${one.title}: ${one.about}`,
        blocked: one.shown?.(view) === false ? 'nothing to show yet' : null,
      })),
    },
    { title: 'Signs of agents', keys: signKeys() },
  ]
}

export const openHelp = (cockpit: Cockpit, keys: readonly AppKey[]): void => {
  const layer: Layer = helpLayer(
    () => helpParts(cockpit, keys),
    () => closeLayer(cockpit, layer),
  )
  openLayer(cockpit, layer)
}
