import { messageOf } from '../core/errors.ts'
import { openAnswers } from './app/answers.ts'
import { type Cockpit, type Deeds, say, toast } from './app/cockpit.ts'
import { openEnding } from './app/ending.ts'
import { takeInput } from './app/input.ts'
import { appKeys } from './app/keys.ts'
import { openLive } from './app/live.ts'
import { openPainting, type Painting } from './app/painting.ts'
import { runCommand } from './app/run-command.ts'
import { type AppState, NO_FILTER } from './app/state.ts'
import { openTiles } from './app/tiles.ts'
import type { Input } from './input.ts'
import type { TuiPorts } from './ports.ts'
import type { Screen } from './screen.ts'
import { themeNamed } from './themes/index.ts'
import { loadCharts } from './ui/contrib-chart.ts'
import { guardProcess, guardStops } from './ui/guard.ts'
import { openTerminal, type Terminal, type Tty } from './ui/terminal.ts'

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

const deeds: Deeds = {
  run: runCommand,
  live: openTiles,
  attach: (one, agent) => void one.lend(() => one.ports.attach(agent)),
}

type Parts = Pick<Cockpit, 'state' | 'ports' | 'answers' | 'live' | 'screens' | 'colours' | 'quit'> & {
  readonly terminal: Terminal
  readonly painting: Painting
  over(): boolean
}

/** What keys and boxes act on. */
const cockpitOf = ({ terminal, painting, over, ...parts }: Parts): Cockpit => {
  const cockpit: Cockpit = {
    ...parts,
    scene: painting.scene,
    changed: painting.soon,
    async lend(program) {
      painting.rest(true)
      const back = terminal.lend()
      try {
        await program()
      } catch (error) {
        say(cockpit, messageOf(error), 'bad')
      } finally {
        painting.rest(false)
        if (!over()) back()
        painting.soon()
      }
    },
    write: terminal.write,
    mouse: terminal.mouse,
    commands: null,
    typed: [],
  }
  return cockpit
}

type Told = Parameters<typeof openPainting>[0]['told']

const terminalFor = (
  { tty, inlineRows }: TuiOptions,
  { theme, mouse }: AppState,
  on: { input(input: Input): void; resize(): void },
): Terminal =>
  openTerminal(tty, { theme, mouse, inlineRows: inlineRows ?? null, onInput: on.input, onResize: on.resize })

/** Runs the cockpit until it is left; the signal that made it, or null. Rejects with what broke it, after the terminal is as it was. */
export const runTui = async (ports: TuiPorts, options: TuiOptions): Promise<NodeJS.Signals | null> => {
  const colours = coloursOf(options.tty.env)
  const state = firstState(options, ports.kept.load(), colours)
  const ending = openEnding()
  const answers = openAnswers(ports, {
    changed: () => painting.soon(),
    lost: (seen) =>
      toast(
        cockpit,
        seen
          ? '○ the daemon does not answer; what you see grows old'
          : '○ no daemon runs yet; this fills when one does',
        'bad',
      ),
    found: () => toast(cockpit, '● the daemon is back', 'good'),
  })
  const live = openLive(ports, () => painting.soon())
  const terminal = terminalFor(options, state, {
    input: (input) =>
      ending.guarded(() => {
        const isTyped = input.kind === 'key' && input.text !== '' && state.layers.length > 0
        if (!isTyped) painting.settle()
        takeInput(cockpit, input, { appKeys, deeds, tabs: painting.tabs })
        if (isTyped && state.layers.length > 0) painting.afterwards()
        else painting.paint()
      }),
    resize: () => ending.guarded(painting.paint),
  })
  const parts = { state, ports, answers, live, screens: options.screens, terminal }
  const told: Told = (text, tone) => toast(cockpit, text, tone)
  const painting = openPainting({ ...parts, refreshMs: options.refreshMs ?? REFRESH_MS, ending, told })
  const quit = (): void => ending.end(null)
  const cockpit = cockpitOf({ ...parts, colours, painting, quit, over: ending.over })
  let endedBy: NodeJS.Signals | null = null
  const leave = (signal: NodeJS.Signals): void => {
    endedBy = signal
    quit()
  }
  ending.atEnd(guardProcess({ leave, crash: ending.end }))
  // While another program has it, the terminal is that one's to mend.
  const lendToShell = (): (() => void) => {
    if (painting.resting()) return () => undefined
    painting.rest(true)
    const back = terminal.lend()
    return () => {
      painting.rest(false)
      back()
    }
  }
  ending.atEnd(guardStops(lendToShell))
  ending.atEnd(terminal.close)
  painting.begin()
  loadCharts(terminal.screen).then(painting.drawWith, ending.end)
  const after = options.afterFirst?.({ changed: painting.soon, say: (text) => told(text, 'info') })
  after?.catch(ending.end)
  return ending.ended.then(() => endedBy)
}
