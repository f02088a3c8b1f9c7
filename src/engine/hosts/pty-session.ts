import type { Pty } from 'node-pty'
import type {
  CaptureOptions,
  FollowEvent,
  HostPane,
  PaneDeath,
  PaneRef,
  Screen,
  SessionSpec,
  TypeRequest,
} from '../../core/session-host.ts'
import { displayText } from '../../core/text.ts'
import { screenText } from './emulated-screen.ts'
import type { EmulatedTerminal } from './emulated-terminal.ts'
import { type FollowQueue, openFollowQueue } from './follow-queue.ts'
import { keyBytes } from './pty-keys.ts'

/** One child of this process with a terminal of its own. */
export interface PtySession {
  readonly ref: PaneRef
  readonly spec: SessionSpec
  readonly mark: string
  pane(): HostPane
  capture(options: CaptureOptions): Promise<Screen>
  /** Whether the program asked for pastes in brackets; such a program reads keys by itself. */
  bracketed(): boolean
  write(text: string, request: TypeRequest): Promise<void>
  follow(signal: AbortSignal): AsyncGenerator<FollowEvent, void>
  /** Resolves when the child's end was told, at the latest after `withinMs`. */
  ended(withinMs: number): Promise<PaneDeath | null>
  dispose(): void
}

export interface PtyParts {
  readonly ref: PaneRef
  readonly spec: SessionSpec
  readonly mark: string
  readonly pty: Pty
  readonly emulated: EmulatedTerminal
}

const nowS = (): number => Math.floor(Date.now() / 1000)
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Takes over a PTY that was just started. */
export const openPtySession = ({ ref, spec, mark, pty, emulated }: PtyParts): PtySession => {
  const { terminal } = emulated
  const createdS = nowS()
  const readers = new Set<FollowQueue>()
  let [activityS, title] = [createdS, '']
  let death: PaneDeath | null = null
  let tellEnd: () => void = () => {}
  const end = new Promise<void>((resolve) => {
    tellEnd = resolve
  })
  terminal.onTitleChange((text) => {
    title = displayText(text)
  })
  // answers of the terminal to questions of the program (its size, its colours)
  terminal.onData((answer) => {
    if (death === null) pty.write(answer)
  })
  pty.onData((data) => {
    const bytes = Buffer.from(data)
    activityS = nowS()
    emulated.feed(bytes)
    for (const reader of readers) reader.push(bytes)
  })
  pty.onExit(({ exitCode, signal = 0 }) => {
    death = { status: signal > 0 ? null : exitCode, signal: signal > 0 ? signal : null, atS: nowS() }
    for (const reader of readers) reader.over({ is: 'over', why: 'pane_dead', detail: null })
    tellEnd()
  })
  const pane = (): HostPane => ({
    ref,
    sessionName: spec.name,
    title,
    command: displayText(death === null ? pty.process : ''),
    cwd: spec.cwd,
    tty: null,
    dead: death,
    activityS,
    createdS,
    historySize: terminal.buffer.active.baseY,
    cursor: { x: terminal.buffer.active.cursorX, y: terminal.buffer.active.cursorY },
    alternateOn: terminal.buffer.active.type === 'alternate',
    inMode: false,
    cols: terminal.cols,
    rows: terminal.rows,
    clients: [],
    tags: spec.tags ?? {},
  })
  const capture = async (options: CaptureOptions): Promise<Screen> => {
    await emulated.settled()
    return { is: 'screen', pane: pane(), text: screenText(terminal, options) }
  }
  const press = (key: string): void => pty.write(keyBytes(key, terminal.modes.applicationCursorKeysMode))
  return {
    ref,
    spec,
    mark,
    pane,
    capture,
    bracketed: () => terminal.modes.bracketedPasteMode,
    async write(text, { keys = [], keyPauseMs = 0, enterAfterMs }) {
      const lines = text.replaceAll('\n', '\r')
      if (text !== '') pty.write(terminal.modes.bracketedPasteMode ? `\u001b[200~${lines}\u001b[201~` : lines)
      for (const [at, key] of keys.entries()) {
        if (at > 0 && keyPauseMs > 0) await pause(keyPauseMs)
        press(key)
      }
      if (enterAfterMs === undefined) return
      await pause(enterAfterMs)
      press('Enter')
    },
    async *follow(signal) {
      const queue = openFollowQueue()
      const stop = (): void => queue.over({ is: 'over', why: 'stopped', detail: null })
      readers.add(queue)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      if (death !== null) queue.over({ is: 'over', why: 'pane_dead', detail: null })
      try {
        yield* queue.events(async () => ({ is: 'screen', screen: await capture({ ansi: true, join: false }) }))
      } finally {
        readers.delete(queue)
        signal.removeEventListener('abort', stop)
      }
    },
    async ended(withinMs) {
      await Promise.race([end, pause(withinMs)])
      return death
    },
    dispose() {
      for (const reader of readers) reader.over({ is: 'over', why: 'pane_gone', detail: null })
      emulated.dispose()
    },
  }
}
