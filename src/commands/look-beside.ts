import { EXIT, type ExitCode, messageOf, VcError } from '../core/errors.ts'
import type { LookLine, LookProgress, LookWish, NotLooked, ToldRun } from '../core/looked.ts'
import { NoDaemon, requestLines } from '../transport/socket-client.ts'
import { type DaemonPlaces, silent } from './ask-daemon.ts'

/** Who is told while the daemon looks. */
export interface LookHears {
  onRun(run: ToldRun): void
  onProgress?(progress: LookProgress): void
  /** Ends the waiting; the daemon goes on with what it began. */
  readonly signal?: AbortSignal
}

/** The daemon says every five seconds that it is there. */
const SILENT_MS = 30_000

const SEE_RUNS = 'what it saw is stored as it comes: vc robot scrapes --json'

const unseenEnd = (code: string, message: string): VcError =>
  new VcError(code, message, SEE_RUNS, { exitCode: EXIT.unknownEffect })

/** Asks the running daemon to look now, and tells each run as it comes. Null when no daemon answers: then nothing was begun. */
export const lookBeside = async (
  places: DaemonPlaces,
  wish: LookWish,
  { onRun, onProgress, signal }: LookHears,
  silentMs = SILENT_MS,
): Promise<readonly NotLooked[] | null> => {
  const stop = new AbortController()
  const giveUp = (): void => stop.abort()
  signal?.addEventListener('abort', giveUp)
  let timer = setTimeout(giveUp, silentMs)
  let begun = false
  try {
    const request = {
      method: 'POST',
      path: '/v1/collect',
      body: wish,
      timeoutMs: silentMs,
      signal: stop.signal,
    } as const
    for await (const text of requestLines(places.socketFile, request)) {
      begun = true
      clearTimeout(timer)
      timer = setTimeout(giveUp, silentMs)
      const line = JSON.parse(text) as LookLine
      if ('run' in line) onRun(line.run)
      else if ('progress' in line) onProgress?.(line.progress)
      else if ('end' in line) return line.end.not_looked
      else if ('error' in line) {
        const { code, message, fix, exit_code } = line.error
        throw new VcError(code, message, fix, { exitCode: exit_code as ExitCode })
      }
    }
    throw new Error('its answer ended in the middle')
  } catch (error) {
    if (error instanceof VcError) throw error
    if (signal?.aborted) throw unseenEnd('look_left', 'no longer waiting; the daemon ends the look it began')
    if (!begun && error instanceof NoDaemon && error.why !== 'silent') return null
    if (!begun) throw silent('the daemon', places)
    if (stop.signal.aborted)
      throw unseenEnd('daemon_silent', `the daemon began to look and then said nothing for ${silentMs / 1000} s`)
    throw unseenEnd('daemon_lost', `the daemon went away while it looked (${messageOf(error)})`)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
