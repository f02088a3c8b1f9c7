import { messageOf } from '../core/errors.ts'
import { type Answers, openAnswers } from './app/answers.ts'
import { type Cockpit, type Deeds, say, toast } from './app/cockpit.ts'
import { frameOf } from './app/frame.ts'
import { CHANGES_ASK, HEALTH_ASK, headLine, type Tab, tabLine } from './app/head.ts'
import { hintsOf } from './app/hints.ts'
import { takeInput } from './app/input.ts'
import { appKeys } from './app/keys.ts'
import { openLive } from './app/live.ts'
import { CHOICE_ASKS } from './app/open-filter.ts'
import { runCommand } from './app/run-command.ts'
import { type Scene, sceneOf, shownScreens } from './app/scene.ts'
import { type AppState, NO_FILTER } from './app/state.ts'
import { openTiles } from './app/tiles.ts'
import { openTransitions } from './app/toasts.ts'
import type { ChartMaker } from './paint/chart.ts'
import type { TuiPorts } from './ports.ts'
import type { Screen, ScreenAsk } from './screen.ts'
import { themeNamed } from './themes/index.ts'
import { loadCharts } from './ui/contrib-chart.ts'
import { guardProcess } from './ui/guard.ts'
import { openTerminal, type Tty } from './ui/terminal.ts'

export interface TuiOptions {
  readonly tty: Tty
  readonly screens: readonly Screen[]
  /** Screen to begin with; default the first. */
  readonly screen?: string
  readonly theme?: string
  /** Rows below the prompt instead of a screen of its own. */
  readonly inlineRows?: number
  readonly mouse?: boolean
  readonly refreshMs?: number
  readonly at?: Date
  /** What is done when the first picture stands. When it fails, the cockpit ends with that. */
  afterFirst?(told: { changed(): void; say(text: string): void }): Promise<void>
}

const REFRESH_MS = 1_000
/** Between two paintings that no key asked for: at most five a second. */
const CALM_MS = 200

/** Colours this terminal and this person want. */
export const coloursOf = (env: Tty['env']): 0 | 16 | 256 => {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  const term = env.TERM ?? ''
  if (term === 'dumb' || term === 'vt100') return 0
  if (/256|direct|kitty|alacritty|foot|ghostty|wezterm/.test(term) || env.COLORTERM !== undefined) return 256
  return 16
}

const firstState = (
  options: TuiOptions,
  kept: ReturnType<TuiPorts['kept']['load']>,
  colours: 0 | 16 | 256,
): AppState => ({
  screen: options.screen ?? options.screens[0]?.id ?? '',
  back: [],
  stands: new Map(),
  filter: { ...NO_FILTER, ...kept.filter, text: '' },
  at: options.at ?? null,
  theme: themeNamed(options.theme ?? kept.theme ?? null, colours),
  layers: [],
  toasts: [],
  going: false,
  copying: null,
  mouse: options.mouse ?? true,
  said: null,
})

/** Runs the cockpit until it is left. Rejects with what broke it, after the terminal is as it was. */
export const runTui = (ports: TuiPorts, options: TuiOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const colours = coloursOf(options.tty.env)
    const state = firstState(options, ports.kept.load(), colours)
    const refreshMs = options.refreshMs ?? REFRESH_MS
    const transitions = openTransitions()
    let scene: Scene | null = null
    let tabs: readonly Tab[] = []
    let asks: readonly ScreenAsk[] = []
    let timer: NodeJS.Timeout | undefined
    let paintedMs = Number.NEGATIVE_INFINITY
    let ended = false
    let lent = false
    let toldChanges: unknown = null
    let charts: ChartMaker | null = null

    const answers: Answers = openAnswers(ports, {
      changed: () => soon(),
      lost: () => toast(cockpit, '○ the daemon does not answer; what you see grows old', 'bad'),
      found: () => toast(cockpit, '● the daemon is back', 'good'),
    })
    const live = openLive(ports, () => soon())
    const terminal = openTerminal(options.tty, {
      theme: state.theme,
      mouse: state.mouse,
      inlineRows: options.inlineRows ?? null,
      onInput: (input) =>
        guarded(() => {
          takeInput(cockpit, input, { appKeys, deeds, tabs: () => tabs })
          if (!ended) paint()
        }),
      onResize: () => guarded(() => paint()),
    })
    const deeds: Deeds = {
      run: runCommand,
      live: openTiles,
      attach: (one, agent) => void one.lend(() => ports.attach(agent)),
    }
    const cockpit: Cockpit = {
      state,
      ports,
      answers,
      live,
      screens: options.screens,
      colours,
      scene: () => scene ?? build(),
      changed: () => soon(),
      quit: () => end(null),
      async lend(program) {
        lent = true
        const back = terminal.lend()
        try {
          await program()
        } catch (error) {
          say(cockpit, messageOf(error), 'bad')
        } finally {
          lent = false
          if (!ended) back()
          soon()
        }
      },
      write: terminal.write,
      mouse: terminal.mouse,
      commands: null,
      typed: [],
    }

    const build = (): Scene => {
      const next = sceneOf(
        state,
        { screens: options.screens, answers, live, charts, now: ports.now() },
        terminal.size(),
        asks,
      )
      asks = next.asks
      return next
    }

    const tellChanges = (): void => {
      const { data } = answers.now(CHANGES_ASK, null)
      if (data === toldChanges) return
      toldChanges = data
      for (const { text, tone } of transitions.fresh(data)) toast(cockpit, text, tone)
    }

    const paint = (): void => {
      if (ended || lent) return
      clearTimeout(timer)
      timer = undefined
      const nowMs = ports.monotonicMs()
      state.toasts = state.toasts.filter(({ untilMs }) => untilMs > nowMs)
      tellChanges()
      scene = build()
      const size = terminal.size()
      const now = ports.now()
      const shown = shownScreens(options.screens, scene.view)
      const bar = tabLine(shown, state.screen, size.columns)
      tabs = bar.tabs
      const head = headLine(
        {
          health: answers.now(HEALTH_ASK, state.at),
          lostMs: answers.lostMs(),
          waitingMs: answers.waitingMs(),
          now,
          at: state.at,
          theme: state.theme.title,
        },
        size.columns,
      )
      terminal.look(state.theme)
      terminal.paint(frameOf({ state, scene, size, head, tabs: bar.line, hints: hintsOf(state, scene, appKeys), now }))
      paintedMs = nowMs
      // What was told while painting is painted already.
      clearTimeout(timer)
      timer = undefined
      want()
    }

    const soon = (): void => {
      if (ended || timer !== undefined) return
      const waitMs = Math.max(0, paintedMs + CALM_MS - ports.monotonicMs())
      timer = setTimeout(() => guarded(paint), waitMs)
    }

    const want = (): void => {
      answers.want([HEALTH_ASK], state.at, refreshMs)
      answers.want([CHANGES_ASK], null, refreshMs)
      answers.want(asks, state.at, refreshMs)
      if (state.layers.length > 0) answers.want(CHOICE_ASKS, null, refreshMs)
    }

    const end = (error: unknown): void => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      clearInterval(ticking)
      release()
      terminal.close()
      if (error === null) resolve()
      else reject(error)
    }
    const guarded = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        end(error)
      }
    }
    const release = guardProcess({ leave: () => end(null), crash: end })
    const ticking = setInterval(
      () =>
        guarded(() => {
          want()
          soon()
        }),
      refreshMs,
    )
    guarded(paint)
    loadCharts(terminal.screen).then((maker) => {
      charts = maker
      soon()
    }, end)
    const after = options.afterFirst?.({ changed: () => soon(), say: (text) => toast(cockpit, text, 'info') })
    after?.catch((error: unknown) => end(error))
  })
