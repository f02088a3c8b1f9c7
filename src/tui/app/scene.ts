import { messageOf } from '../../core/errors.ts'
import { bodyArea, placed } from '../paint/body.ts'
import type { ChartMaker } from '../paint/chart.ts'
import { type PanelStand, topFor } from '../paint/panel.ts'
import type { Panel, Rect, Size } from '../panel.ts'
import type { AnswerNow, Screen, ScreenAsk, ScreenView } from '../screen.ts'
import type { Answers } from './answers.ts'
import { filterLine } from './head.ts'
import type { Live } from './live.ts'
import { type AppState, type Stand, standOf } from './state.ts'

/** One moment of a screen, ready to be painted and to take keys. */
export interface Scene {
  readonly screen: Screen
  readonly view: ScreenView
  readonly model: unknown
  readonly asks: readonly ScreenAsk[]
  readonly panels: readonly { readonly panel: Panel; readonly stand: PanelStand }[]
  readonly body: Rect
}

interface Around {
  /** Who draws charts, once it is loaded. */
  readonly charts: ChartMaker | null
  readonly screens: readonly Screen[]
  readonly answers: Answers
  readonly live: Live
  readonly now: Date
}

const answersOf = (asks: readonly ScreenAsk[], answers: Answers, at: Date | null): Record<string, AnswerNow> =>
  Object.fromEntries(asks.map((ask) => [ask.as, answers.now(ask, at)]))

const brokenPanel = (error: unknown, size: Size): Panel => ({
  kind: 'text',
  id: 'broken',
  title: 'This screen failed',
  at: { x: 0, y: 0, width: size.columns, height: size.rows },
  lines: [],
  empty: {
    why: 'It could not be made from what the daemon answered.',
    fill: 'The other screens work; please report what E shows.',
  },
  error: { line: messageOf(error), detail: error instanceof Error ? (error.stack ?? error.message) : String(error) },
})

// A row that is gone gives its place to the one that now stands there.
const chosenIn = (panel: Panel, stand: Stand): string | null => {
  if (panel.kind !== 'list' || panel.rows.length === 0) return null
  const wanted = stand.chosen[panel.id]
  const at = wanted === undefined ? -1 : panel.rows.findIndex((row) => row.id === wanted)
  const index = at >= 0 ? at : wanted === undefined ? 0 : Math.min(stand.index[panel.id] ?? 0, panel.rows.length - 1)
  stand.index[panel.id] = index
  return panel.rows[index]?.id ?? null
}

const canFocus = (panel: Panel): boolean => panel.at.width >= 3 && panel.at.height >= 3

const focusOf = (panels: readonly Panel[], stand: Stand): string | null => {
  const able = panels.filter(canFocus)
  const found = able.find((panel) => panel.id === stand.focus)
  return (found ?? able.find((panel) => panel.kind === 'list') ?? able[0])?.id ?? null
}

const standIn = (panel: Panel, stand: Stand, focus: string | null, { live, charts }: Around): PanelStand => {
  const follows = panel.kind === 'text' && panel.follow === true && stand.top[panel.id] === undefined
  const more = panel.kind === 'live' ? { live: live.stand(panel.agentId, panel.at.width - 3) } : {}
  const end = panel.kind === 'live' && stand.top[panel.id] === undefined
  const base: PanelStand = {
    focused: panel.id === focus,
    chosen: chosenIn(panel, stand),
    top: follows || end ? Number.MAX_SAFE_INTEGER : (stand.top[panel.id] ?? 0),
    ...more,
    ...(charts === null ? {} : { charts }),
  }
  const top = topFor(panel, base)
  if (panel.kind === 'list') stand.top[panel.id] = top
  return { ...base, top }
}

/** Screens that are there now, in their order. */
export const shownScreens = (screens: readonly Screen[], view: ScreenView): readonly Screen[] =>
  screens.filter((screen) => screen.shown?.(view) ?? true)

/** Rows for the filter and the replay, above the body. */
export const extraRows = (state: AppState, text: string): number =>
  (filterLine({ ...state.filter, text }) === null ? 0 : 1) + (state.at === null ? 0 : 1)

const viewOf = (state: AppState, stand: Stand, answers: Record<string, AnswerNow>, now: Date): ScreenView => ({
  now: state.at ?? now,
  clock: now,
  at: state.at,
  filter: { ...state.filter, text: stand.text },
  answers,
  chosen: stand.chosen,
  options: stand.options,
})

type Made = Pick<Scene, 'screen' | 'view' | 'model' | 'asks'> & { readonly panels: readonly Panel[] }

/** What a screen makes of what is known. What it asks for may depend on what the questions of `before` brought. */
const madeBy = (
  screen: Screen,
  size: Size,
  before: readonly ScreenAsk[],
  seen: (asks: readonly ScreenAsk[]) => ScreenView,
): Made => {
  const first = seen(before)
  let made: Made = { screen, view: first, model: null, asks: before, panels: [] }
  try {
    const asks = screen.asks(first)
    made = { ...made, asks, view: seen(asks) }
    made = { ...made, model: screen.model(made.view) }
    return { ...made, panels: screen.panels(made.model, size, made.view) }
  } catch (error) {
    // Its keys would act on a model that is not there.
    const { open: _open, ...rest } = screen
    return { ...made, screen: { ...rest, keys: [] }, panels: [brokenPanel(error, size)] }
  }
}

/** The panels where they stand on the terminal; what has no room is not there. */
const onTerminal = (panels: readonly Panel[], body: Rect): readonly Panel[] =>
  panels.map((panel) => ({ ...panel, at: placed(panel.at, body) })).filter(({ at }) => at.width >= 2 && at.height >= 2)

/** Everything of the open screen, from what is known now. Never throws: a screen that fails says so in a panel. */
export const sceneOf = (state: AppState, around: Around, size: Size, before: readonly ScreenAsk[]): Scene => {
  const { screens, answers, live, now } = around
  const screen = screens.find((one) => one.id === state.screen) ?? screens[0]
  if (screen === undefined) throw new Error('the cockpit has no screens')
  const stand = standOf(state, screen.id)
  const body = bodyArea(size, extraRows(state, stand.text))
  const { panels, ...made } = madeBy(screen, { columns: body.width, rows: body.height }, before, (asks) =>
    viewOf(state, stand, answersOf(asks, answers, state.at), now),
  )
  const set = onTerminal(panels, body)
  const focus = focusOf(set, stand)
  live.want(set.flatMap((panel) => (panel.kind === 'live' ? [panel.agentId] : [])))
  return { ...made, body, panels: set.map((panel) => ({ panel, stand: standIn(panel, stand, focus, around) })) }
}

/** The panel that has the focus. */
export const focused = (scene: Scene): Scene['panels'][number] | null =>
  scene.panels.find(({ stand }) => stand.focused) ?? null
