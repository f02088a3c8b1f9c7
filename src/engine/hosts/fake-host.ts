import type { Pty } from 'node-pty'
import type { SessionHost, SessionSpec } from '../../core/session-host.ts'
import { type Children, openOwnTerminals } from './own-terminals.ts'

/** What a scripted program sees of its terminal. */
export interface FakeTerminal {
  readonly spec: SessionSpec
  /** As a program writes: LF alone does not return to the margin. */
  write(text: string): void
  exit(status: number): void
}

/** A scripted program: begins by being called, hears keys, and says whether a signal ends it. */
export type FakeProgram = (terminal: FakeTerminal) => {
  readonly input?: (data: string) => void
  /** Default: TERM ends it. KILL ends everything but `survives`. */
  readonly ignoresTerm?: boolean
  readonly survives?: boolean
}

export interface FakeHostOptions {
  readonly machineId: string
  /** By the first word of argv; any other program is missing. */
  readonly programs: Readonly<Record<string, FakeProgram>>
  /** Default: every folder exists. */
  readonly hasFolder?: (path: string) => boolean
}

interface FakeChild {
  readonly pty: Pty
  readonly end: (status: number, signal?: number) => void
  readonly isOver: () => boolean
  readonly acts: ReturnType<FakeProgram>
}

const fakeChild = (pid: number, spec: SessionSpec, program: FakeProgram): FakeChild => {
  let [listen, tellEnd]: [(data: Buffer) => void, (end: { exitCode: number; signal?: number }) => void] = [
    () => {},
    () => {},
  ]
  let over = false
  const end = (exitCode: number, signal = 0): void => {
    if (over) return
    over = true
    tellEnd({ exitCode, signal })
  }
  const early: string[] = []
  let [heard, exitedWith]: [boolean, number | null] = [false, null]
  const write = (text: string): void => void (heard ? listen(Buffer.from(text, 'utf8')) : early.push(text))
  const exit = (status: number): void => {
    if (heard) end(status)
    else exitedWith = status
  }
  const acts = program({ spec, write, exit })
  const pty: Pty = {
    pid,
    process: spec.argv[0],
    write: (data) => acts.input?.(data),
    pause: () => {},
    resume: () => {},
    onData(take) {
      listen = take
    },
    onExit(tell) {
      tellEnd = tell
      heard = true
      for (const text of early.splice(0)) write(text)
      if (exitedWith !== null) end(exitedWith)
    },
  }
  return { pty, end, isOver: () => over, acts }
}

/** Terminals whose programs are functions, for whoever wants to try an engine without processes. */
export const openFakeHost = ({ machineId, programs, hasFolder = () => true }: FakeHostOptions): SessionHost => {
  const running = new Map<number, FakeChild>()
  const children: Children = {
    kind: 'fake',
    async prepare(spec) {
      if (!hasFolder(spec.cwd)) return 'no_cwd'
      const program = programs[spec.argv[0]]
      if (program === undefined) return 'no_program'
      return () => {
        const pid = 1000 + running.size
        const child = fakeChild(pid, spec, program)
        running.set(pid, child)
        return { pty: child.pty, startTicks: pid * 10 }
      }
    },
    async sweep({ ref, spec }) {
      const child = running.get(ref.pid)
      const process = { pid: ref.pid, startTicks: ref.startTicks, comm: spec.argv[0] }
      if (child === undefined || child.isOver()) return { is: 'swept', ended: [], survivors: [] }
      if (child.acts.survives === true) return { is: 'swept', ended: [], survivors: [process] }
      child.end(0, child.acts.ignoresTerm === true ? 9 : 15)
      return { is: 'swept', ended: [process], survivors: [] }
    },
  }
  return openOwnTerminals(machineId, children)
}
