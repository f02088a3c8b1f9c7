import type { ChartMaker } from '../paint/chart.ts'
import type { TuiPorts } from '../ports.ts'
import type { Screen, ScreenAsk } from '../screen.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { Tone } from '../view/line.ts'
import type { Answers } from './answers.ts'
import type { Ending } from './ending.ts'
import { frameOf } from './frame.ts'
import { CHANGES_ASK, HEALTH_ASK, headLine } from './head.ts'
import { hintsOf } from './hints.ts'
import { appKeys } from './keys.ts'
import type { Live } from './live.ts'
import { CHOICE_ASKS } from './open-filter.ts'
import { type Scene, sceneOf, shownScreens } from './scene.ts'
import type { AppState } from './state.ts'
import { type Tab, tabLine } from './tabs.ts'
import { openTransitions } from './toasts.ts'

/** Between two paintings that no key asked for: at most five a second. */
const CALM_MS = 200

interface Parts {
  readonly state: AppState
  readonly ports: Pick<TuiPorts, 'now' | 'monotonicMs'>
  readonly screens: readonly Screen[]
  readonly answers: Answers
  readonly live: Live
  readonly terminal: Terminal
  readonly refreshMs: number
  readonly ending: Ending
  /** What changed in the fleet since the last painting, for a toast. */
  told(text: string, tone: Tone): void
}

/** When the picture is painted and from what, and which questions stand behind it. */
export const openPainting = (parts: Parts) => {
  const { state, ports, screens, answers, live, terminal, refreshMs, ending } = parts
  const transitions = openTransitions()
  let scene: Scene | null = null
  let tabs: readonly Tab[] = []
  let asks: readonly ScreenAsk[] = []
  let charts: ChartMaker | null = null
  let toldChanges: unknown = null
  let timer: NodeJS.Timeout | undefined
  let owed: NodeJS.Immediate | undefined
  let paintedMs = Number.NEGATIVE_INFINITY
  let lent = false

  const still = (): void => {
    clearTimeout(timer)
    clearImmediate(owed)
    timer = undefined
    owed = undefined
  }
  ending.atEnd(still)

  const build = (): Scene => {
    const next = sceneOf(state, { screens, answers, live, charts, now: ports.now() }, terminal.size(), asks)
    asks = next.asks
    return next
  }

  const tellChanges = (): void => {
    const { data } = answers.now(CHANGES_ASK, null)
    if (data === toldChanges) return
    toldChanges = data
    for (const { text, tone } of transitions.fresh(data)) parts.told(text, tone)
  }

  const head = (columns: number): ReturnType<typeof headLine> => {
    const [health, lostMs, waitingMs] = [
      answers.now(HEALTH_ASK, state.at),
      answers.lostMs(),
      answers.waitingMs(),
    ] as const
    return headLine({ health, lostMs, waitingMs, now: ports.now(), at: state.at, theme: state.theme.title }, columns)
  }

  const show = (shown: Scene): void => {
    const size = terminal.size()
    const bar = tabLine(shownScreens(screens, shown.view), state.screen, size.columns)
    tabs = bar.tabs
    const hints = hintsOf(state, shown, appKeys)
    terminal.look(state.theme)
    terminal.paint(
      frameOf({ state, scene: shown, size, head: head(size.columns), tabs: bar.line, hints, now: ports.now() }),
    )
  }

  /** Asks what is due of what the picture is made of. */
  const want = (): void => {
    answers.want([HEALTH_ASK], state.at, refreshMs)
    answers.want([CHANGES_ASK], null, refreshMs)
    answers.want(asks, state.at, refreshMs)
    if (state.layers.length > 0) answers.want(CHOICE_ASKS, null, refreshMs)
  }

  const paint = (): void => {
    if (ending.over() || lent) return
    still()
    const nowMs = ports.monotonicMs()
    state.toasts = state.toasts.filter(({ untilMs }) => untilMs > nowMs)
    tellChanges()
    scene = build()
    show(scene)
    paintedMs = nowMs
    // What was told while painting is painted already.
    still()
    want()
  }

  /** Once what came together was taken: a painting after each letter of a paste takes longer than the letters. */
  const afterwards = (): void => {
    owed ??= setImmediate(() => ending.guarded(paint))
  }

  /** A painting that no key asked for. */
  const soon = (): void => {
    if (ending.over() || timer !== undefined) return
    const waitMs = Math.max(0, paintedMs + CALM_MS - ports.monotonicMs())
    timer = setTimeout(() => ending.guarded(paint), waitMs)
  }

  const beat = (): void => {
    want()
    soon()
  }

  return {
    paint,
    soon,
    afterwards,
    /** Paints what is owed: keys that are no letters act on what is seen. */
    settle: (): void => (owed === undefined ? undefined : paint()),
    /** The first picture, and from then on one at each beat at least. */
    begin(): void {
      const ticking = setInterval(() => ending.guarded(beat), refreshMs)
      ending.atEnd(() => clearInterval(ticking))
      ending.guarded(paint)
    },
    /** What was painted last. */
    scene: (): Scene => scene ?? build(),
    tabs: (): readonly Tab[] => tabs,
    drawWith(maker: ChartMaker | null): void {
      charts = maker
      soon()
    },
    /** While the terminal is another program's nothing is painted. */
    rest(on: boolean): void {
      lent = on
    },
    resting: (): boolean => lent,
  }
}
export type Painting = ReturnType<typeof openPainting>
