import type * as NodePty from 'node-pty'
import { messageOf } from '../../core/errors.ts'
import type { Executor } from '../../core/executor.ts'
import type { HostTrouble, SessionHost } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import { asUsual } from '../../transport/own-umask.ts'
import { runAct } from './machine-act.ts'
import { type Children, openOwnTerminals } from './own-terminals.ts'
import { PROCESS_SWEEP } from './process-sweep.ts'
import { childEnvironment, startTicksOf, whatIsMissing } from './pty-start.ts'
import { sweptOf } from './swept.ts'
import { trouble } from './tmux-look.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'

export interface PtyHostOptions {
  readonly machineId: string
  /** Of this machine; ends processes. */
  readonly executor: Executor
}

/** "$1" pid · "$2" start · "$3" mark · "$4" grace in tenths of a second */
const END_BODY = sh`
pp=$1; K=; vc_ticks "$pp"; de=0; [ "$K" = "$2" ] || de=1
vc_sweep "$4"
vc_report "$3"
vc_say done
`

const END_SCRIPT = `${TMUX_PRELUDE}\n${PROCESS_SWEEP}\n${END_BODY}`

const loadPty = async (): Promise<typeof NodePty | HostTrouble> => {
  try {
    return await import('node-pty')
  } catch (error) {
    return trouble(
      'no_host',
      `no PTY here: ${messageOf(error)}`,
      'npm install node-pty@npm:@lydell/node-pty, or use tmux',
    )
  }
}

const childrenOf = (executor: Executor): Children => ({
  kind: 'pty',
  async prepare(spec, mark) {
    const env = childEnvironment(spec, mark, process.env)
    const missing = await whatIsMissing(spec, env.PATH ?? '')
    if (missing !== null) return missing
    const library = await loadPty()
    if ('is' in library) return library
    const { cols = 120, rows = 30, argv, cwd } = spec
    return () => {
      const pty = asUsual(() =>
        library.spawn(argv[0], argv.slice(1), {
          name: 'xterm-256color',
          cols,
          rows,
          cwd,
          env,
          encoding: null,
        }),
      )
      return { pty, startTicks: startTicksOf(pty.pid) ?? 0 }
    }
  },
  async sweep({ ref, mark }, graceMs) {
    const args = [`${ref.pid}`, `${ref.startTicks}`, mark, `${Math.ceil(Math.max(0, graceMs) / 100)}`]
    const answer = await runAct(executor, {
      name: 'engine.end',
      script: END_SCRIPT,
      args,
      deadlineMs: graceMs + 30_000,
    })
    if (answer.is === 'not_reached') return trouble('way', answer.detail, 'try again')
    if (answer.records.some(({ tag }) => tag === 'done')) return { is: 'swept', ...sweptOf(answer.records) }
    return { is: 'outcome_unknown', detail: answer.is === 'broken_off' ? answer.detail : 'the script stopped half-way' }
  },
})

/** Terminals for attaching and for children that may end with vc. Not for agents: they are told HUP when vc ends. */
export const openPtyHost = ({ machineId, executor }: PtyHostOptions): SessionHost =>
  openOwnTerminals(machineId, childrenOf(executor))
