import { themes } from '../themes/index.ts'
import { type Cockpit, closeLayer, goTo, openLayer, setTheme } from './cockpit.ts'
import type { Offer } from './completion.ts'
import type { Layer } from './layer.ts'
import { paletteLayer } from './layers/palette.ts'
import { knownAgents, knownMachines } from './open-filter.ts'
import { runCommand } from './run-command.ts'

const ownWords = (cockpit: Cockpit): readonly Offer[] => [
  ...cockpit.screens.map(({ id, about }) => ({ word: `go ${id}`, about })),
  ...themes.map(({ id, title }) => ({ word: `theme ${id}`, about: title })),
  { word: 'quit', about: 'leave the cockpit' },
]

// Words of the cockpit itself come before commands of vc; none of those has such a name.
const ownDeed = (cockpit: Cockpit, words: readonly string[]): boolean => {
  const [verb, what] = words.flatMap((word) => word.split(' '))
  if (verb === 'quit' || verb === 'q') cockpit.quit()
  else if (verb === 'theme') setTheme(cockpit, what ?? null)
  else if (verb === 'go' && what !== undefined) goTo(cockpit, what)
  else return false
  return true
}

const loadCommands = (cockpit: Cockpit): void => {
  cockpit.ports.commands().then(
    (root) => {
      cockpit.commands = root
      cockpit.changed()
    },
    () => undefined,
  )
}

export const openPalette = (cockpit: Cockpit): void => {
  if (cockpit.commands === null) loadCommands(cockpit)
  const layer: Layer = paletteLayer({
    commands: () => cockpit.commands,
    own: ownWords(cockpit),
    known: () => ({ machines: knownMachines(cockpit), agents: knownAgents(cockpit) }),
    history: cockpit.typed,
    run: (line, words) => {
      closeLayer(cockpit, layer)
      if (cockpit.typed.at(-1) !== line) cockpit.typed.push(line)
      if (!ownDeed(cockpit, words)) runCommand(cockpit, words, `vc ${line}`)
    },
    cancel: () => closeLayer(cockpit, layer),
  })
  openLayer(cockpit, layer)
}
