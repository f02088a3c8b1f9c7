import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Executor } from '../../core/executor.ts'
import type { FollowEvent, PaneRef, Screen } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import { type ControlEvent, openControlParser } from './control-mode.ts'
import { drained, FellBehind } from './drained.ts'
import { type ActRecord, composeAct, runAct } from './machine-act.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { paneOf } from './tmux-records.ts'
import { identityOf, PANE_CHECK } from './tmux-type.ts'

/**
 * "$1" socket · "$2" pane · "$3" identity. A control client that never resizes, may not type and is paused by tmux when it falls
 * a second behind. tmux looks at that only when there is more to write, and stops reading a terminal whose viewers are all full: so vc
 * takes everything at once (drained.ts), and the agent is never slowed. Its input stays open through a fifo both ends of which it holds itself.
 */
const FOLLOW_BODY = sh`
vc_places "$1" || return 0
P=$2
vc_pane "$P" "$3" || return 0
[ "$de" = 0 ] && vc_say "T $pp $K"
i="$D/view.$$"
(umask 077; mkfifo "$i") || { vc_say "none no fifo in $D"; return 0; }
exec 3<>"$i"; rm -f "$i"
vc_say view
tmux -u -S "$S" -C attach-session -E -f read-only,ignore-size,pause-after=1 -t "$P" ';' display-message -p -t "$P" '#{client_name}' ';' display-message -p -t "$P" "$F" ';' capture-pane -p -e -t "$P" ';' refresh-client -B "vc-pane:$P:#{pane_dead} #{pane_width}x#{pane_height}" <&3 2>&1 &
c=$!
# a client whose reader was killed cannot write its last words and would stay for ever (tmux 3.3a)
(while vc_nap 5; kill -0 "$c"; do kill -0 "$PPID" || kill "$c"; done) >/dev/null 2>&1 </dev/null 3>&- &
wait "$c"
kill "$!" 2>/dev/null
printf '\n'
`

const DETACH_BODY = sh`
vc_places "$1" || return 0
tm detach-client -t "$2"
`

const REPLY = { client: 1, pane: 2, screen: 3 } as const
const RETRY_PAUSE_MS = 200
/** Some ten thousand lines: who is further behind is better shown the screen as it is. */
const MOST_WAITING_BYTES = 1_048_576

interface View {
  readonly ref: PaneRef
  readonly executor: Executor
  readonly signal: AbortSignal
}

/** What one attachment ended with; `again`: the reader was too slow or the pane got another size. */
type ViewEnd = { readonly is: 'again' } | (FollowEvent & { readonly is: 'over' })

const screenOf = (
  ref: PaneRef,
  starts: ActRecord[],
  pane: readonly string[],
  lines: readonly string[],
): Screen | null => {
  const [first = '', ...more] = pane
  const ticks = starts.flatMap(({ tag }) => /^T (\d+) (\d+)$/.exec(tag)?.slice(1).map(Number) ?? [])
  const around = {
    machineId: ref.machineId,
    socket: ref.socket,
    starts: new Map(ticks.length === 2 ? [[ticks[0] ?? 0, ticks[1] ?? 0]] : []),
    clients: new Map(),
  }
  const found = paneOf({ tag: first, lines: more }, around)
  return found === null ? null : { is: 'screen', pane: found, text: lines.join('\n').replace(/[ \t\n]+$/, '') }
}

const over = (why: (FollowEvent & { is: 'over' })['why'], detail: string | null): ViewEnd => ({
  is: 'over',
  why,
  detail,
})

/** Lines of the script before control mode begins, then events. */
class ViewReader {
  readonly #nonce: string
  readonly #parser = openControlParser()
  readonly head: ActRecord[] = []
  #rest = Buffer.alloc(0)
  #viewing = false

  constructor(nonce: string) {
    this.#nonce = nonce
  }

  push(chunk: Uint8Array): readonly ControlEvent[] {
    if (this.#viewing) return this.#parser.push(chunk)
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end).toString('utf8')
      this.#rest = this.#rest.subarray(end + 1)
      if (line.startsWith(`@${this.#nonce} `)) this.head.push({ tag: line.slice(this.#nonce.length + 2), lines: [] })
      if (this.head.at(-1)?.tag === 'view') {
        this.#viewing = true
        return this.#parser.push(this.#rest)
      }
    }
    return []
  }
}

async function* viewOnce({ ref, executor, signal }: View): AsyncGenerator<FollowEvent, ViewEnd> {
  const nonce = randomBytes(8).toString('hex')
  const ending = new AbortController()
  const act = { name: 'engine.follow', script: `${TMUX_PRELUDE}\n${PANE_CHECK}\n${FOLLOW_BODY}`, deadlineMs: 0 }
  const run = executor.stream({
    script: composeAct({ ...act, args: [ref.socket, ref.paneId, identityOf(ref)] }, nonce),
    deadlineMs: Number.POSITIVE_INFINITY,
    maxStdout: Number.POSITIVE_INFINITY,
    maxStderr: 64 * 1024,
    signal: AbortSignal.any([signal, ending.signal]),
  })
  const reader = new ViewReader(nonce)
  let [replies, client, size]: [number, string | null, string | null] = [0, null, null]
  let pane: readonly string[] = []
  try {
    for await (const chunk of drained(run.stdout, MOST_WAITING_BYTES, () => ending.abort()))
      for (const event of reader.push(chunk)) {
        if (event.is === 'reply') {
          if (replies === REPLY.client) client = event.lines[0] ?? null
          if (replies === REPLY.pane) pane = event.lines
          const screen = replies === REPLY.screen ? screenOf(ref, reader.head, pane, event.lines) : null
          replies += 1
          if (screen !== null) yield screenEvent(screen)
        } else if (event.is === 'output' && event.paneId === ref.paneId && replies > REPLY.screen)
          yield { is: 'output', bytes: event.bytes }
        else if (event.is === 'pause' && event.paneId === ref.paneId) return { is: 'again' }
        else if (event.is === 'changed' && event.name === 'vc-pane') {
          if (event.value.startsWith('1')) return over('pane_dead', null)
          if (size !== null && size !== event.value) return { is: 'again' }
          size = event.value
        } else if (event.is === 'exit') return over('pane_gone', event.why || null)
      }
  } catch (error) {
    if (error instanceof FellBehind && !signal.aborted) return { is: 'again' }
    if (!signal.aborted) return over('way', error instanceof Error ? error.message : String(error))
  } finally {
    ending.abort()
    // a closed channel does not end a client that has nothing to write
    if (client !== null && executor.kind !== 'local') await detach(executor, ref, client)
  }
  return signal.aborted ? over('stopped', null) : whyEnded(reader.head, (await run.done).detail)
}

const screenEvent = (screen: Screen): FollowEvent => ({ is: 'screen', screen })

const detach = async (executor: Executor, ref: PaneRef, client: string): Promise<void> => {
  const script = `${TMUX_PRELUDE}\n${DETACH_BODY}`
  await runAct(executor, { name: 'engine.detach', script, args: [ref.socket, client], deadlineMs: 5_000 })
}

const whyEnded = (head: readonly ActRecord[], detail: string | null): ViewEnd => {
  const refused = head.find(({ tag }) => tag.startsWith('refused '))
  if (refused !== undefined) return over('pane_gone', refused.tag.slice(8))
  return over('way', head.find(({ tag }) => tag.startsWith('none '))?.tag.slice(5) ?? detail)
}

/** A live view of one pane, attached anew whenever its reader fell behind. */
export async function* followPane(view: View): AsyncGenerator<FollowEvent, void> {
  while (true) {
    const end = yield* viewOnce(view)
    if (end.is === 'over') {
      yield end
      return
    }
    yield { is: 'skipped' }
    await pause(RETRY_PAUSE_MS)
  }
}
