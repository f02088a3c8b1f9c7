// docs/screens/*.svg: real screens of the cockpit, painted from what the played fleet answered (tests/fixtures/tui).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answers } from '../../src/tui/app/answers.ts'
import { frameOf } from '../../src/tui/app/frame.ts'
import { headLine } from '../../src/tui/app/head.ts'
import { hintsOf } from '../../src/tui/app/hints.ts'
import { appKeys } from '../../src/tui/app/keys.ts'
import type { Live } from '../../src/tui/app/live.ts'
import { sceneOf } from '../../src/tui/app/scene.ts'
import { type AppState, freshStand, NO_FILTER } from '../../src/tui/app/state.ts'
import { tabLine } from '../../src/tui/app/tabs.ts'
import type { AnswerNow, Screen } from '../../src/tui/screen.ts'
import { loadScreens } from '../../src/tui/screens/index.ts'
import { themeNamed } from '../../src/tui/themes/index.ts'
import { capturedLines } from '../../src/tui/ui/captured-screen.ts'
import { openTerminal } from '../../src/tui/ui/terminal.ts'
import { type Line, span } from '../../src/tui/view/line.ts'
import { openFakeTty } from '../../tests/tui/fake-tty.ts'
import { DEMO_FLEET } from '../fleet/describe.ts'
import { terminalSvg } from './terminal-svg.ts'

const DIR = join(import.meta.dirname, '../../tests/fixtures/tui')
const SIZE = { columns: 150, rows: 44 }

interface Recording {
  readonly now: string
  readonly chosen: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<string, Pick<AnswerNow, 'data' | 'staleness' | 'warnings'>>>
}

const recordingOf = (id: string): Recording | null => {
  const file = join(DIR, `${id}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : null
}

const NEVER: AnswerNow = { data: null, ageMs: null, staleness: {}, warnings: [], error: null }

const answersOf = ({ answers }: Recording): Answers => ({
  want: () => undefined,
  now(ask) {
    const found = answers[ask.as]
    return found === undefined ? NEVER : { ...found, ageMs: 0, error: null }
  },
  refresh: () => undefined,
  lostMs: () => null,
  underWay: () => 0,
  waitingMs: () => 0,
})

/** Screens of the agents that were recorded: what the played fleet shows when it is looked at. */
const liveOf = async ({ answers }: Recording): Promise<Live> => {
  const { agents = [] } = (answers.agents?.data ?? {}) as { agents?: readonly Record<string, unknown>[] }
  const shown = new Map<unknown, readonly Line[]>()
  for (const { agent, machine, cli, cwd } of agents) {
    const played = DEMO_FLEET.find(({ id }) => id === machine)?.agents.find((one) => one.cli === cli && one.cwd === cwd)
    if (played !== undefined) shown.set(agent, await capturedLines(played.recording))
  }
  return {
    want: () => undefined,
    again: () => undefined,
    seen: () => null,
    stand: (agent) => ({ lines: shown.get(agent) ?? [], note: [span('read-only', 'muted')] }),
  }
}

const stateOf = (screen: string, { chosen }: Recording): AppState => ({
  screen, back: [], stands: new Map([[screen, { ...freshStand(), chosen: { ...chosen } }]]), filter: NO_FILTER, at: null,
  theme: themeNamed('neural', 256), layers: [], toasts: [], going: false, copying: null, mouse: false, said: null,
}) // biome-ignore format: a row

const pictured = async (screen: Screen, screens: readonly Screen[], recording: Recording): Promise<string> => {
  const fake = openFakeTty(SIZE)
  const state = stateOf(screen.id, recording)
  const terminal = openTerminal(fake.tty, {
    theme: state.theme,
    mouse: false,
    inlineRows: null,
    onInput: () => undefined,
    onResize: () => undefined,
  })
  try {
    const now = new Date(recording.now)
    const live = await liveOf(recording)
    const scene = sceneOf(state, { screens, answers: answersOf(recording), live, now, charts: null }, SIZE, [])
    const settled = sceneOf(
      state,
      { screens, answers: answersOf(recording), live, now, charts: null },
      SIZE,
      scene.asks,
    )
    const health = recordingOf('overview')?.answers.health
    const head = headLine(
      {
        health: health === undefined ? NEVER : { ...health, ageMs: 0, error: null },
        lostMs: null,
        waitingMs: 0,
        now,
        at: null,
        theme: state.theme.title,
      },
      SIZE.columns,
    )
    const tabs = tabLine(screens, screen.id, SIZE.columns).line
    terminal.paint(
      frameOf({ state, scene: settled, size: SIZE, head, tabs, hints: hintsOf(state, settled, appKeys), now }),
    )
    await fake.drawn()
    return terminalSvg(fake.emulator, `${screen.title}: ${screen.about}`)
  } finally {
    terminal.close()
  }
}

/** Every screen that was recorded, as a picture, by its path. */
export const screenPictures = async (): Promise<ReadonlyMap<string, string>> => {
  const screens = await loadScreens()
  const pictures = new Map<string, string>()
  for (const screen of screens) {
    const recording = recordingOf(screen.id)
    if (recording !== null) pictures.set(`docs/screens/${screen.id}.svg`, await pictured(screen, screens, recording))
  }
  return pictures
}
