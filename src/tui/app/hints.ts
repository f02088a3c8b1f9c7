import { keyText } from './key-names.ts'
import type { AppKey } from './keys.ts'
import type { Hint } from './layer.ts'
import type { Scene } from './scene.ts'
import type { AppState } from './state.ts'

/** What the footer says: the keys of the box that is open, else those of the screen that work now, then the cockpit's. */
export const hintsOf = (state: AppState, scene: Scene, appKeys: readonly AppKey[]): readonly Hint[] => {
  const layer = state.layers.at(-1)
  if (layer !== undefined) return layer.hints
  const { screen, model, view } = scene
  const own = screen.keys
    .filter((key) => (key.blockedBy?.(model, view) ?? null) === null)
    .map(({ keys, says }) => ({ keys: keyText(keys[0] ?? ''), says }))
  const app = appKeys.flatMap(({ keys, foot }) =>
    foot === undefined ? [] : [{ keys: keyText(keys[0] ?? ''), says: foot }],
  )
  // Help and quit are always there, however many keys a screen has.
  const last = app.filter(({ says }) => says === 'help' || says === 'quit')
  return [...last, ...own, ...app.filter((hint) => !last.includes(hint))]
}
