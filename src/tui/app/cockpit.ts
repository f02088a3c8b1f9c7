import type { CommandNode, TuiPorts } from '../ports.ts'
import type { FilterBar, Screen, Wish } from '../screen.ts'
import { nextTheme, themeNamed, themes } from '../themes/index.ts'
import type { Tone } from '../view/line.ts'
import type { Answers } from './answers.ts'
import type { Layer } from './layer.ts'
import { detailLayer } from './layers/detail.ts'
import { promptLayer } from './layers/prompt.ts'
import type { Live } from './live.ts'
import type { Scene } from './scene.ts'
import { type AppState, type Stand, standOf } from './state.ts'

/** What the keys and boxes of the cockpit act on. */
export interface Cockpit {
  readonly state: AppState
  readonly ports: TuiPorts
  readonly answers: Answers
  readonly live: Live
  readonly screens: readonly Screen[]
  readonly colours: 0 | 16 | 256
  /** What was painted last. */
  scene(): Scene
  /** Asks for a painting soon. */
  changed(): void
  /** Leaves the cockpit. */
  quit(): void
  /** Lends the terminal to what `program` does, and takes it back. */
  lend(program: () => Promise<void>): Promise<void>
  write(text: string): void
  mouse(on: boolean): void
  commands: CommandNode | null
  readonly typed: string[]
}

export const standHere = ({ state }: Cockpit): Stand => standOf(state, state.screen)

/** Says one line at the bottom, until the next key. */
export const say = (cockpit: Cockpit, text: string, tone: Tone = 'warn'): void => {
  cockpit.state.said = { text, tone }
  cockpit.changed()
}

const TOAST_MS = 6_000

export const toast = (cockpit: Cockpit, text: string, tone: Tone): void => {
  const { state, ports } = cockpit
  state.toasts = [...state.toasts, { text, tone, untilMs: ports.monotonicMs() + TOAST_MS }]
  cockpit.changed()
}

export const openLayer = (cockpit: Cockpit, layer: Layer): void => {
  cockpit.state.layers.push(layer)
  cockpit.changed()
}

export const closeLayer = (cockpit: Cockpit, layer: Layer | undefined): void => {
  const at = layer === undefined ? -1 : cockpit.state.layers.indexOf(layer)
  if (at < 0) return
  cockpit.state.layers.splice(at, 1)
  layer?.closed?.()
  cockpit.changed()
}

export const showDetail = (cockpit: Cockpit, title: string, text: string): void => {
  const layer: Layer = detailLayer(
    () => ({ id: 'detail', title, text }),
    () => closeLayer(cockpit, layer),
  )
  openLayer(cockpit, layer)
}

const MOST_STEPS = 50

const remember = ({ state }: Cockpit): void => {
  state.back.push({ screen: state.screen, filter: state.filter, stand: structuredClone(standOf(state, state.screen)) })
  if (state.back.length > MOST_STEPS) state.back.shift()
}

/** To a screen, by key or by name; the way back is kept. */
export const goTo = (
  cockpit: Cockpit,
  screen: string,
  more: { filter?: Partial<FilterBar>; chosen?: Readonly<Record<string, string>> } = {},
): void => {
  const { state, screens } = cockpit
  const target = screens.find((one) => one.id === screen)
  if (target === undefined) return void say(cockpit, `there is no screen ${screen}`)
  if (target.shown?.(cockpit.scene().view) === false)
    return void say(cockpit, `${target.title} has nothing to show yet: its part of vc does not answer`)
  if (screen === state.screen && more.filter === undefined && more.chosen === undefined) return
  remember(cockpit)
  const { text, ...filter } = more.filter ?? {}
  state.filter = { ...state.filter, ...filter }
  state.screen = screen
  const stand = standOf(state, screen)
  if (text !== undefined) stand.text = text
  if (more.chosen !== undefined) stand.chosen = { ...stand.chosen, ...more.chosen }
  cockpit.changed()
}

/** One step back: out of a search, then the way one came. False when there is nothing to go back to. */
export const goBack = (cockpit: Cockpit): boolean => {
  const { state } = cockpit
  const stand = standHere(cockpit)
  if (stand.text !== '') {
    stand.text = ''
    cockpit.changed()
    return true
  }
  const step = state.back.pop()
  if (step === undefined) return false
  state.screen = step.screen
  state.filter = step.filter
  state.stands.set(step.screen, step.stand)
  cockpit.changed()
  return true
}

export const keep = ({ state, ports }: Cockpit): void =>
  ports.kept.save({ theme: state.theme.id, filter: { ...state.filter, text: '' } })

export const setFilter = (cockpit: Cockpit, filter: FilterBar): void => {
  cockpit.state.filter = { ...filter, text: '' }
  keep(cockpit)
  cockpit.changed()
}

export const setTheme = (cockpit: Cockpit, id: string | null): void => {
  const { state, colours } = cockpit
  if (id !== null && !themes.some((theme) => theme.id === id))
    return void say(cockpit, `there is no theme ${id}: ${themes.map((theme) => theme.id).join(', ')}`)
  state.theme = id === null ? nextTheme(state.theme, colours) : themeNamed(id, colours)
  keep(cockpit)
  say(
    cockpit,
    colours === 0 ? 'no colours here (NO_COLOR, or a terminal without them)' : `theme: ${state.theme.title}`,
    'info',
  )
}

/** The moment every question is asked for; null is now. */
export const setMoment = (cockpit: Cockpit, at: Date | null): void => {
  const { state, ports } = cockpit
  const now = ports.now()
  state.at = at !== null && at.getTime() >= now.getTime() - 1_000 ? null : at
  cockpit.changed()
}

/** Asks for one line at the bottom, which may begin with what was typed before. */
export const askLine = (cockpit: Cockpit, title: string, then: (line: string) => void, text = ''): void => {
  const layer: Layer = promptLayer({
    id: 'prompt',
    title,
    text,
    done: (line) => {
      closeLayer(cockpit, layer)
      then(line)
    },
    cancel: () => closeLayer(cockpit, layer),
  })
  openLayer(cockpit, layer)
}

/** What acts on wishes that reach outside: set by the app, so that boxes and keys need not know how. */
export interface Deeds {
  run(cockpit: Cockpit, argv: readonly string[], title: string): void
  live(cockpit: Cockpit, agent: string, how: 'focus' | 'zoom' | 'split'): void
  attach(cockpit: Cockpit, agent: string): void
}

/** Does what a key of a screen asked for. */
export const grant = (cockpit: Cockpit, wish: Wish | null, deeds: Deeds): void => {
  if (wish === null) return
  if (wish.wish === 'go') {
    goTo(cockpit, wish.screen, {
      ...(wish.filter === undefined ? {} : { filter: wish.filter }),
      ...(wish.chosen === undefined ? {} : { chosen: wish.chosen }),
    })
  } else if (wish.wish === 'option') standHere(cockpit).options[wish.name] = wish.value
  else if (wish.wish === 'run') deeds.run(cockpit, wish.argv, wish.title)
  else if (wish.wish === 'prompt') askLine(cockpit, wish.title, (line) => grant(cockpit, wish.then(line), deeds))
  else if (wish.wish === 'replay') setMoment(cockpit, wish.at === null ? null : new Date(wish.at))
  else if (wish.wish === 'detail') showDetail(cockpit, wish.title, wish.text)
  else if (wish.wish === 'attach') deeds.attach(cockpit, wish.agent)
  else deeds.live(cockpit, wish.agent, wish.how)
  cockpit.changed()
}
