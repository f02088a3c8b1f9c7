import { constants } from 'node:os'
import { Transform } from 'node:stream'
import type { CommandEnd } from '../run-watch.ts'

// ssh answers 255 both for its own failures and for a command that says 255, so the remote prints its status itself.
const RECORD = '\x1e'

/** The remote command: `sh -s`, then its status behind a record separator and the nonce. POSIX, any login shell. */
export const markedShell = (nonce: string): string => `exec sh -c 'sh -s; printf "\\036%s:%d:" ${nonce} "$?"'`

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name.replace(/^SIG/, '')]),
)

/** `$?` to an ending: shells show a death by signal n as 128 + n, and nothing else of it. */
export const endOfStatus = (status: number): CommandEnd => {
  const signal = status > 128 ? SIGNAL_NAMES.get(status - 128) : undefined
  return signal === undefined ? { is: 'exit', code: status } : { is: 'signal', signal }
}

/**
 * Passes a remote stdout on without the status marker, and tells the status when it comes by.
 * Output of children left behind may follow the marker and is passed on too.
 */
export const markerStripper = (nonce: string, tell: (end: CommandEnd) => void): Transform => {
  const head = Buffer.from(`${RECORD}${nonce}:`)
  const longest = head.length + 4
  let held: Buffer = Buffer.alloc(0)
  let seen = false
  const search = (data: Buffer): readonly [pass: Buffer, keep: Buffer] => {
    const at = data.indexOf(head)
    if (at >= 0) {
      const status = /^(\d{1,3}):/.exec(data.subarray(at + head.length, at + longest).toString('latin1'))
      if (status === null)
        return data.length - at < longest ? [data.subarray(0, at), data.subarray(at)] : [data, Buffer.alloc(0)]
      seen = true
      tell(endOfStatus(Number(status[1])))
      const after = data.subarray(at + head.length + status[0].length)
      return [Buffer.concat([data.subarray(0, at), after]), Buffer.alloc(0)]
    }
    // Only what could be the start of the marker waits for more.
    const from = data.lastIndexOf(RECORD)
    return from >= 0 && data.length - from < head.length
      ? [data.subarray(0, from), data.subarray(from)]
      : [data, Buffer.alloc(0)]
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (seen) return done(null, chunk)
      const [pass, keep] = search(held.length === 0 ? chunk : Buffer.concat([held, chunk]))
      held = keep
      done(null, pass.length > 0 ? pass : undefined)
    },
    flush(done) {
      done(null, held.length > 0 ? held : undefined)
    },
  })
}
