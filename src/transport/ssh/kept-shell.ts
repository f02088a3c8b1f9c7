import type { ClientChannel } from 'ssh2'
import type { ShellCall } from '../../core/executor.ts'
import type { OutputSource } from '../output-cap.ts'
import type { CommandEnd, LiveRun } from '../run-watch.ts'
import { endOf, NO_STATUS } from './channel.ts'
import type { Link } from './link.ts'

/** A shell that reads commands as they come answers long before; what reads all of its input first waits for the end. */
const SILENT_MS = 4_000
/** stderr ends with stdout, or it does not come at all. */
const APART_MS = 1_000
/** PATH and the rest of its surroundings are those of its beginning. */
const OLD_MS = 10 * 60_000

/** One `sh -s` that is told of every poll: it knows most of the script, and needs no channel and no login shell again. */
export interface KeptShell {
  readonly link: Link
  /** It can take a call: it stands, is not old, and nothing runs in it. */
  isFree(): boolean
  /** It stands, whether it is free or not. */
  isOpen(): boolean
  /** A call runs in it. */
  isBusy(): boolean
  /** `idle` is called once, when the call has ended, whatever became of the shell. */
  run(call: ShellCall, idle: () => void): LiveRun
  /** Ends it as soon as nothing runs in it. */
  leave(): void
}

interface Hears {
  /** No shell can be kept there: it begins only at the end of its input, or says nothing on stderr. The call is answered. */
  readonly onUnfit: () => void
  readonly silentMs?: number
}

/** More than what begins or ends a call. */
const TAIL_BYTES = 128

/** One output of a call, up to the line that ends it. Never paused: what comes for a run that was cut is dropped. */
class Side implements OutputSource {
  readonly #begins: string
  readonly #ends: string
  #take: (chunk: Uint8Array) => void = () => {}
  #tail: Buffer = Buffer.alloc(0)
  hasBegun = false
  isOver = false

  constructor({ begins, ends }: ShellCall) {
    this.#begins = begins
    this.#ends = ends
  }
  on(_: 'data', take: (chunk: Uint8Array) => void): void {
    this.#take = take
  }
  pause(): void {}
  resume(): void {}
  isPaused(): boolean {
    return false
  }
  push(chunk: Buffer): void {
    const seen = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk])
    this.hasBegun ||= seen.includes(this.#begins)
    this.isOver ||= seen.includes(this.#ends)
    // Copied: a part would keep all of it.
    this.#tail = Buffer.from(seen.subarray(-TAIL_BYTES))
    this.#take(chunk)
  }
}

interface Running {
  readonly out: Side
  readonly err: Side
  readonly idle: () => void
  tellEnd: (end: CommandEnd) => void
  tellClosed: () => void
}

/** Takes over a channel in which `sh -s` was started. */
export const openKeptShell = (
  link: Link,
  channel: ClientChannel,
  { onUnfit, silentMs = SILENT_MS }: Hears,
): KeptShell => {
  const told = new Map<string, string>()
  const oldAt = performance.now() + OLD_MS
  let running: Running | null = null
  let isGone = false
  let hasAnswered = false
  let apart: NodeJS.Timeout | null = null

  const settle = (end: CommandEnd): void => {
    const was = running
    running = null
    if (apart !== null) clearTimeout(apart)
    apart = null
    was?.tellEnd(end)
    was?.tellClosed()
    was?.idle()
  }
  const leave = (): void => {
    if (isGone) return
    isGone = true
    if (link.lost() === null) channel.end()
  }
  const answered = (): void => {
    link.heard()
    settle({ is: 'exit', code: 0 })
  }
  const hear = (side: 'out' | 'err') => (chunk: Buffer) => {
    // Something an answered question left behind still speaks: the next answer shall not hold its words.
    if (running === null) return leave()
    running[side].push(chunk)
    hasAnswered ||= running.out.hasBegun
    if (!running.out.isOver) return
    if (running.err.isOver) return answered()
    apart ??= setTimeout(() => {
      onUnfit()
      leave()
      answered()
    }, APART_MS)
  }
  channel.on('data', hear('out'))
  channel.stderr.on('data', hear('err'))
  const unlisten = link.onLost((why) => {
    isGone = true
    settle({ is: 'lost', class: why.class, detail: why.detail })
  })
  let ended: CommandEnd | null = null
  channel.once('exit', (code: number | null, signal?: string) => {
    isGone = true
    ended = endOf(code, signal)
  })
  channel.once('close', (code?: number | null, signal?: string) => {
    isGone = true
    unlisten()
    settle(ended ?? (code === undefined ? { is: 'lost', class: 'transport', detail: NO_STATUS } : endOf(code, signal)))
  })

  const untold = ({ definitions }: ShellCall): string => {
    let text = ''
    for (const [name, definition] of definitions) {
      if (told.get(name) === definition) continue
      told.set(name, definition)
      text += `${definition}\n`
    }
    return text
  }
  const endWhenSilent = (): void => {
    const timer = setTimeout(() => {
      if (hasAnswered || isGone) return
      onUnfit()
      leave()
    }, silentMs)
    timer.unref()
  }
  return {
    link,
    isOpen: () => !isGone,
    isBusy: () => running !== null,
    isFree: () => !isGone && running === null && performance.now() < oldAt,
    leave,
    run(call, idle) {
      const now: Running = {
        out: new Side(call),
        err: new Side(call),
        idle,
        tellEnd: () => {},
        tellClosed: () => {},
      }
      running = now
      channel.write(untold(call) + call.text)
      if (!hasAnswered) endWhenSilent()
      return {
        stdout: now.out,
        stderr: now.err,
        onEnd: (tell) => {
          now.tellEnd = tell
        },
        onClosed: (tell) => {
          now.tellClosed = tell
        },
        async stop() {
          isGone = true
          // Honoured by servers that run as the user; others are ended by the remote deadline of the frame.
          if (link.lost() !== null) return
          channel.signal('TERM')
          channel.close()
        },
        letGo() {},
      }
    },
  }
}
