import type { ReadFrame } from './frame.ts'
import { FRAME_VERSION } from './frame.ts'

/** How one ask of a played frame ends; `status` as a shell has it in $?. */
export interface PlayedAsk {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly status: number
  readonly tookS: number
}

export interface PlayedFrame {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly execMs: number
}

/** The bytes a real shell would have sent for this frame. */
export function writeFrame(frame: ReadFrame, asks: readonly PlayedAsk[]): PlayedFrame {
  const mark = (words: string): Buffer => Buffer.from(`\x1e${frame.nonce} ${words}\n`)
  const stdout: Uint8Array[] = [mark(`begin ${FRAME_VERSION} timeout`)]
  const stderr: Uint8Array[] = []
  let clockS = 0
  asks.forEach((ask, i) => {
    const limitS = Math.ceil((frame.asks[i]?.timeoutMs ?? 0) / 1000)
    stdout.push(mark(`ask ${i} ${clockS.toFixed(2)} ${limitS}`), ask.stdout)
    clockS += ask.tookS
    stdout.push(mark(`end ${i} ${ask.status} ${clockS.toFixed(2)}`))
    stderr.push(mark(`ask ${i}`), ask.stderr)
  })
  stdout.push(mark('done'))
  stderr.push(mark('done'))
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), execMs: clockS * 1000 }
}
