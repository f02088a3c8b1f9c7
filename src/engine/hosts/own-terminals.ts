import { randomBytes } from 'node:crypto'
import type { Pty } from 'node-pty'
import { VcError } from '../../core/errors.ts'
import type {
  Ended,
  HostProcess,
  HostTrouble,
  OutcomeUnknown,
  PaneRef,
  SessionHost,
  SessionSpec,
  Started,
  Typed,
  TypePrecondition,
  TypeRequest,
} from '../../core/session-host.ts'
import { openEmulatedTerminal } from './emulated-terminal.ts'
import { openPaneLocks } from './pane-locks.ts'
import { openPtySession, type PtySession } from './pty-session.ts'
import { differs } from './tmux-records.ts'
import { checkSpec, refusedStart } from './tmux-start.ts'
import { checkKeys, checkPauses, cleanText, tooLong } from './typed-text.ts'

export interface OwnChild {
  readonly pty: Pty
  readonly startTicks: number
}

export type Swept =
  | { readonly is: 'swept'; readonly ended: readonly HostProcess[]; readonly survivors: readonly HostProcess[] }
  | HostTrouble
  | OutcomeUnknown

/** How children come and go; all else is the same for real ones and scripted ones. */
export interface Children {
  readonly kind: 'pty' | 'fake'
  /** Everything that can be found wrong beforehand, else what starts the child at once. */
  prepare(spec: SessionSpec, mark: string): Promise<'no_cwd' | 'no_program' | HostTrouble | (() => OwnChild)>
  sweep(session: PtySession, graceMs: number): Promise<Swept>
}

/** A host whose terminals live in this process. Holds 500 lines each. */
export const openOwnTerminals = (machineId: string, children: Children): SessionHost => {
  const sessions = new Map<string, PtySession>()
  const locks = openPaneLocks()
  const closing = new AbortController()
  const serverStartS = Math.floor(Date.now() / 1000 - process.uptime())
  let made = 0

  const startNow = async (spec: SessionSpec): Promise<Started> => {
    const from = performance.now()
    if ([...sessions.values()].some((one) => one.spec.name === spec.name))
      return refusedStart(machineId, 'name_taken', spec)
    const mark = randomBytes(8).toString('hex')
    const prepared = await children.prepare(spec, mark)
    if (typeof prepared === 'string') return refusedStart(machineId, prepared, spec)
    if (typeof prepared !== 'function') return prepared
    const source = { pause: () => pty.pause(), resume: () => pty.resume() }
    const emulated = await openEmulatedTerminal({ cols: spec.cols ?? 120, rows: spec.rows ?? 30 }, source)
    // from here to the session nothing waits: what a child says before anybody listens is lost
    const { pty, startTicks } = prepared()
    made += 1
    const paneId = `%${made}`
    const at = { machineId, socket: `${children.kind}:${process.pid}`, serverPid: process.pid, serverStartS }
    const session = openPtySession({ ref: { ...at, paneId, pid: pty.pid, startTicks }, spec, mark, pty, emulated })
    sessions.set(paneId, session)
    return { is: 'started', pane: session.pane(), logPath: null, durationMs: performance.now() - from }
  }

  const find = (ref: PaneRef): PtySession | string => {
    const session = sessions.get(ref.paneId)
    if (session === undefined || ref.socket !== session.ref.socket) return `${ref.paneId} is not there`
    return differs(ref, session.ref) ?? session
  }

  const typeNow = async (ref: PaneRef, request: TypeRequest, precondition: TypePrecondition): Promise<Typed> => {
    const clean = cleanText(request.text ?? '')
    const long = tooLong(clean)
    if (long !== null) return { is: 'refused', ...long }
    const session = find(ref)
    if (typeof session === 'string')
      return { is: 'refused', why: sessions.has(ref.paneId) ? 'other_process' : 'pane_gone', detail: session }
    const screen = await session.capture({})
    if (session.pane().dead !== null) return { is: 'refused', why: 'pane_dead', detail: 'its process ended' }
    if (clean.longLine && !session.bracketed())
      return { is: 'refused', why: 'line_too_long', detail: 'the terminal may edit lines itself and would cut them' }
    const why = precondition.screen?.(screen) ?? null
    if (why !== null) return { is: 'refused', why: 'screen_changed', detail: why }
    if (!(precondition.stillShows ?? []).every((piece) => screen.text.includes(piece)))
      return { is: 'refused', why: 'screen_changed', detail: 'the screen does not show what it must' }
    await session.write(clean.text, request)
    return { is: 'typed', bytes: clean.bytes, dropped: clean.dropped, after: await session.capture({}) }
  }

  const end = async (ref: PaneRef, graceMs: number): Promise<Ended> => {
    const session = find(ref)
    if (typeof session === 'string')
      return { is: 'refused', why: sessions.has(ref.paneId) ? 'other_process' : 'pane_gone', detail: session }
    const swept = await children.sweep(session, graceMs)
    if (swept.is !== 'swept') return swept
    const death = await session.ended(1_000)
    sessions.delete(ref.paneId)
    session.dispose()
    return { is: 'ended', ended: swept.ended, survivors: swept.survivors, death, paneRemoved: true }
  }

  return {
    kind: children.kind,
    machineId,
    async start(spec) {
      checkSpec(spec)
      return locks.hold(`start ${spec.name}`, () => startNow(spec))
    },
    list: async () => {
      const panes = [...sessions.values()].map((session) => session.pane())
      return { is: 'listed', epochS: Math.floor(Date.now() / 1000), panes }
    },
    capture: (refs, options = {}) =>
      Promise.all(
        refs.map(async (ref) => {
          const session = find(ref)
          return typeof session === 'string' ? { is: 'gone', ref, detail: session } : session.capture(options)
        }),
      ),
    async type(ref, request, precondition = {}) {
      checkKeys(request.keys ?? [])
      checkPauses(request)
      return locks.hold(ref.paneId, () => typeNow(ref, request, precondition))
    },
    end,
    async *follow(ref, signal) {
      const session = find(ref)
      if (typeof session === 'string') yield { is: 'over', why: 'pane_gone', detail: session }
      else yield* session.follow(signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]))
    },
    attachArgv() {
      throw new VcError(
        'no_attach',
        'this terminal lives inside a vc process',
        'start the agent in tmux to attach to it',
      )
    },
    async close() {
      closing.abort()
      await Promise.all([...sessions.values()].map((session) => end(session.ref, 2_000)))
    },
  }
}
