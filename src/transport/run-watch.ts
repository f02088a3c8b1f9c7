import type { RunClass, RunRequest } from '../core/executor.ts'
import type { OutputSink, OutputSource } from './output-cap.ts'

/** How the command itself ended, as told by whoever carried it. */
export type CommandEnd =
  | { readonly is: 'exit'; readonly code: number }
  | { readonly is: 'signal'; readonly signal: string }
  | { readonly is: 'lost'; readonly class: RunClass; readonly detail: string }

/** A command that has been started, local or remote. */
export interface LiveRun<Output extends OutputSource = OutputSource> {
  readonly stdout: Output
  readonly stderr: Output
  /** Tells once how the command ended; output may still be on its way. */
  onEnd(tell: (end: CommandEnd) => void): void
  /** Tells that no more output can come. */
  onClosed(tell: () => void): void
  /** Ends what can be ended from here; resolves when no more is to be waited for. */
  stop(): Promise<void>
  /** The command is over: lets go of what still carries its output. */
  letGo(): void
}

export interface Watched {
  readonly class: RunClass
  readonly exitCode: number | null
  readonly signal: string | null
  readonly partial: boolean
  readonly detail: string | null
}

// A background child may hold stdout open for ever, so a run ends with its command plus this much silence.
const DRAIN_MS = 200

type Cut = 'timeout' | 'output_limit' | 'aborted'

const CUT_DETAIL: Readonly<Record<Cut, (request: RunRequest) => string>> = {
  timeout: (request) => `did not end within ${request.deadlineMs} ms`,
  output_limit: (request) => `wrote more than ${request.maxStdout} bytes (stderr: ${request.maxStderr})`,
  aborted: () => 'given up by the caller',
}

const verdict = (end: CommandEnd | null, cut: Cut | null, request: RunRequest): Watched => {
  const none = { exitCode: null, signal: null }
  if (cut !== null) return { class: cut, ...none, partial: true, detail: CUT_DETAIL[cut](request) }
  if (end === null) return { class: 'transport', ...none, partial: true, detail: 'ended without an exit status' }
  if (end.is === 'lost') return { class: end.class, ...none, partial: true, detail: end.detail }
  if (end.is === 'signal')
    return { class: 'signal', exitCode: null, signal: end.signal, partial: false, detail: `killed by ${end.signal}` }
  return { class: end.code === 0 ? 'ok' : 'exit', exitCode: end.code, signal: null, partial: false, detail: null }
}

/** setTimeout that reads Infinity as never, and does not overflow. */
export const laterUnlessNever = (act: () => void, ms: number): NodeJS.Timeout | null =>
  Number.isFinite(ms) ? setTimeout(act, Math.min(Math.max(0, ms), 2 ** 31 - 1)) : null

/**
 * Follows one command to its end: deadline, byte caps, abort, drain. Never rejects.
 * Settles on the command's own end plus a short drain, not on the close of its output.
 */
export const watchRun = (live: LiveRun, request: RunRequest, out: OutputSink, err: OutputSink): Promise<Watched> =>
  new Promise((settle) => {
    let end: CommandEnd | null = null
    let cut: Cut | null = null
    let quiet: NodeJS.Timeout | null = null
    let settled = false
    const deadline = laterUnlessNever(() => stop('timeout'), request.deadlineMs)
    const onAbort = () => stop('aborted')

    const finish = () => {
      if (settled) return
      settled = true
      if (deadline !== null) clearTimeout(deadline)
      if (quiet !== null) clearTimeout(quiet)
      request.signal?.removeEventListener('abort', onAbort)
      settle(verdict(end, cut, request))
      if (cut === null) live.letGo()
    }
    const stop = (why: Cut) => {
      // Once the command has ended its own status is the answer; only a flood of leftovers may still cut it.
      if (settled || cut !== null || (end !== null && why !== 'output_limit')) return finishIfEnded()
      cut = why
      live.stdout.pause()
      live.stderr.pause()
      void live.stop().then(finish, finish)
    }
    const finishIfEnded = () => {
      if (end !== null && cut === null) finish()
    }
    const armDrain = () => {
      if (settled || cut !== null) return
      if (quiet !== null) clearTimeout(quiet)
      // A paused source waits for a slow reader: silence then proves nothing.
      quiet = setTimeout(() => (live.stdout.isPaused() ? armDrain() : finishIfEnded()), DRAIN_MS)
    }
    const take = (sink: OutputSink, source: OutputSource) => (chunk: Uint8Array) => {
      if (settled || cut !== null) return
      if (!sink.push(chunk, source)) stop('output_limit')
      else if (end !== null) armDrain()
    }
    live.stdout.on('data', take(out, live.stdout))
    live.stderr.on('data', take(err, live.stderr))
    live.onEnd((how) => {
      if (end !== null) return
      end = how
      armDrain()
    })
    live.onClosed(() => {
      if (cut === null) finish()
    })
    if (request.signal?.aborted) onAbort()
    else request.signal?.addEventListener('abort', onAbort, { once: true })
  })
