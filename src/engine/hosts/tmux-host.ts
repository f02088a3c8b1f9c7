import { VcError } from '../../core/errors.ts'
import type { Executor } from '../../core/executor.ts'
import type { Captured, PaneRef, SessionHost, Typed, TypePrecondition, TypeRequest } from '../../core/session-host.ts'
import { type ActAnswer, type MachineAct, runAct } from './machine-act.ts'
import { openPaneLocks } from './pane-locks.ts'
import { attachPlan } from './tmux-attach.ts'
import { END_SCRIPT, readEnd } from './tmux-end.ts'
import { followPane } from './tmux-follow.ts'
import { CAPTURE_SCRIPT, captureWords, LIST_SCRIPT, readCaptures, readList } from './tmux-look.ts'
import { checkPane } from './tmux-records.ts'
import { readStart, START_SCRIPT, startArgs } from './tmux-start.ts'
import { identityOf, readType, TYPE_SCRIPT, typeArgs } from './tmux-type.ts'
import { checkKeys, checkPauses, cleanText, tooLong } from './typed-text.ts'

export interface TmuxHostOptions {
  readonly machineId: string
  readonly executor: Executor
  /** Absolute path of another socket than vc's own on that machine, e.g. of the server an adopted agent lives in. */
  readonly socket?: string
  /** `ssh -t … host`, how a person gets a terminal there; null on this machine. */
  readonly terminalWay?: readonly string[] | null
}

/** Agents in tmux on one machine, local or remote. Holds nothing there: sessions outlive it, and any number may be open. */
export const openTmuxHost = (options: TmuxHostOptions): SessionHost => {
  const { machineId, executor, socket = '', terminalWay = null } = options
  const locks = openPaneLocks()
  const closing = new AbortController()
  const act = (name: string, script: string, args: readonly string[], more: Partial<MachineAct> = {}) =>
    runAct(executor, { name, script, args, deadlineMs: 12_000, ...more }, closing.signal)

  const captureAt = (at: string, args: readonly string[], panes: readonly string[]): Promise<ActAnswer> =>
    act('engine.capture', CAPTURE_SCRIPT, [at, ...args, ...panes], { maxBytes: 16 * 1024 * 1024 })

  const capture: SessionHost['capture'] = async (refs, how = {}) => {
    for (const ref of refs) checkPane(ref)
    const groups = Map.groupBy(refs, (ref) => ref.socket)
    const answers = new Map<PaneRef, Captured>()
    for (const [at, group] of groups) {
      const answer = await captureAt(at, captureWords(how), [...new Set(group.map((ref) => ref.paneId))])
      readCaptures(machineId, group, answer).forEach((one, i) => {
        const ref = group[i]
        if (ref !== undefined) answers.set(ref, one)
      })
    }
    return refs.map((ref) => answers.get(ref) ?? { is: 'gone', ref, detail: 'not captured' })
  }

  const typeNow = async (ref: PaneRef, request: TypeRequest, precondition: TypePrecondition): Promise<Typed> => {
    const clean = cleanText(request.text ?? '')
    const long = tooLong(clean)
    if (long !== null) return { is: 'refused', ...long }
    if (precondition.screen !== undefined) {
      const [look] = await capture([ref])
      if (look === undefined || look.is === 'trouble') return look ?? { is: 'outcome_unknown', detail: 'no look' }
      if (look.is === 'gone') return { is: 'refused', why: 'pane_gone', detail: look.detail }
      const why = precondition.screen(look)
      if (why !== null) return { is: 'refused', why: 'screen_changed', detail: why }
    }
    const answer = await act('engine.type', TYPE_SCRIPT, typeArgs(ref, clean, request, precondition), {
      deadlineMs: 30_000,
    })
    return readType(ref, clean, answer)
  }

  return {
    kind: 'tmux',
    machineId,
    async start(spec) {
      const from = performance.now()
      const answer = await act('engine.start', START_SCRIPT, startArgs(spec, socket), { deadlineMs: 20_000 })
      return readStart(machineId, spec, answer, performance.now() - from)
    },
    list: async () => readList(machineId, await act('engine.list', LIST_SCRIPT, [socket])),
    capture,
    async type(ref, request, precondition = {}) {
      checkPane(ref)
      checkKeys(request.keys ?? [])
      checkPauses(request)
      return locks.hold(`${ref.socket} ${ref.paneId}`, () => typeNow(ref, request, precondition))
    },
    async end(ref, graceMs) {
      checkPane(ref)
      const args = [ref.socket, ref.paneId, identityOf(ref), `${Math.ceil(Math.max(0, graceMs) / 100)}`]
      return readEnd(ref, await act('engine.end', END_SCRIPT, args, { deadlineMs: graceMs + 30_000 }))
    },
    follow(ref, signal) {
      checkPane(ref)
      const any = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
      return followPane({ ref, executor, signal: any })
    },
    attachArgv(ref, how) {
      checkPane(ref)
      if (terminalWay === null && executor.kind !== 'local')
        throw new VcError(
          'no_attach',
          `no way is known to a terminal on ${machineId}`,
          `vc session attach ${machineId}/…`,
        )
      return attachPlan(ref, terminalWay, how)
    },
    async close() {
      closing.abort()
    },
  }
}
