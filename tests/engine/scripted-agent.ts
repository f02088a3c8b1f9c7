import type { AgentSight } from '../../src/core/agent-adapter.ts'
import type { AgentEye } from '../../src/core/agent-eye.ts'
import type {
  HostPane,
  PaneRef,
  Screen,
  SessionHost,
  Typed,
  TypePrecondition,
  TypeRequest,
} from '../../src/core/session-host.ts'
import { adapterOf } from '../../src/engine/adapters/index.ts'
import type { AgentReach } from '../../src/engine/perform.ts'
import { dialogOn, sightOf } from './adapters/recorded.ts'

const REF: PaneRef = {
  machineId: 'm',
  socket: '/s',
  serverPid: 1,
  serverStartS: 1,
  paneId: '%1',
  pid: 10,
  startTicks: 5,
}

const PANE: HostPane = {
  ref: REF,
  sessionName: 's',
  title: '',
  command: 'claude',
  cwd: '/w',
  tty: null,
  dead: null,
  activityS: null,
  createdS: null,
  historySize: 0,
  cursor: { x: 0, y: 0 },
  alternateOn: true,
  inMode: false,
  cols: 120,
  rows: 40,
  clients: [],
  tags: {},
}

const RULER = '─'.repeat(80)

export const composerScreen = (typed: string, above: readonly string[] = []): string =>
  [
    ...above,
    RULER,
    ...typed.split('\n').map((line, at) => `${at === 0 ? '❯ ' : '  '}${line}`),
    RULER,
    '  ⏸ manual mode on',
  ].join('\n')

export const dialogScreen = (command: string): string =>
  [
    '❯ do it',
    '',
    RULER,
    ' Bash command',
    '',
    ` ${command}`,
    '',
    ' Do you want to proceed?',
    ' ❯ 1. Yes',
    '   2. No',
    '',
    ' Esc to cancel · Tab to amend',
  ].join('\n')

/** A Claude that a test plays: what it shows, and what happens when a text or a key arrives. */
export interface Played {
  typed: string
  dialog: string | null
  sight: Partial<AgentSight>
  /** Called with `paste` and a text, or a key, after it was taken. */
  react(agent: Played, what: string, text: string): void
  /** Called before a type request is judged under the lock: what changes in that instant. */
  between?(agent: Played, request: TypeRequest): void
}

/** Like a host, it judges the screen under its lock, and says what it took. */
export function playedReach(agent: Played): AgentReach & { readonly taken: readonly string[] } {
  const taken: string[] = []
  const screenNow = (): string => (agent.dialog === null ? composerScreen(agent.typed) : dialogScreen(agent.dialog))
  const eye: AgentEye = {
    look: async () => sightOf('claude', { screen: screenNow(), ...agent.sight }),
    watch: async () => undefined,
    dialogOf: (screen) => dialogOn('claude', screen),
  }
  const take = (what: string, text = ''): void => {
    taken.push(what === 'paste' ? `paste:${text}` : what)
    if (what === 'paste') agent.typed += text
    agent.react(agent, what, text)
  }
  const type = async (_ref: PaneRef, request: TypeRequest, precondition: TypePrecondition = {}): Promise<Typed> => {
    agent.between?.(agent, request)
    const screen: Screen = { is: 'screen', pane: PANE, text: screenNow() }
    const why = precondition.screen?.(screen) ?? null
    if (why !== null) return { is: 'refused', why: 'screen_changed', detail: why }
    if (!(precondition.stillShows ?? []).every((piece) => screen.text.includes(piece)))
      return { is: 'refused', why: 'screen_changed', detail: 'a piece is gone' }
    if (request.text !== undefined) take('paste', request.text)
    for (const key of request.keys ?? []) take(key)
    return { is: 'typed', bytes: 1, dropped: 0, after: null }
  }
  const host = { kind: 'fake', machineId: 'm', type } as unknown as SessionHost
  let now = 0
  const time = {
    nowMs: () => now,
    pause: async (ms: number) => {
      now += ms
    },
  }
  return { host, ref: REF, eye, adapter: adapterOf('claude'), time, taken }
}
