import { PassThrough } from 'node:stream'
import type { Greeting } from '../core/executor.ts'

/** One output of a run: what of a Readable its watcher needs. */
export interface OutputSource {
  on(event: 'data', take: (chunk: Uint8Array) => void): unknown
  pause(): unknown
  resume(): unknown
  isPaused(): boolean
}

/** Where the bytes of one output go. `push` says false once the cap is passed; what fits under it is kept. */
export interface OutputSink {
  push(chunk: Uint8Array, source: OutputSource): boolean
  /** What was kept in memory; empty for a stream, whose reader already has it. */
  bytes(): Uint8Array
  end(): void
}

/** Cuts chunks so that never more than `maxBytes` pass in all. */
const capped = (maxBytes: number) => {
  let passed = 0
  return (chunk: Uint8Array): { readonly kept: Uint8Array; readonly fits: boolean } => {
    const room = maxBytes - passed
    const fits = chunk.length <= room
    const kept = fits ? chunk : chunk.subarray(0, room)
    passed += kept.length
    return { kept, fits }
  }
}

/** Keeps output in memory up to `maxBytes`. */
export const memorySink = (maxBytes: number): OutputSink => {
  const cut = capped(maxBytes)
  const chunks: Uint8Array[] = []
  return {
    push(chunk) {
      const { kept, fits } = cut(chunk)
      if (kept.length > 0) chunks.push(kept)
      return fits
    },
    bytes: () => (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    end() {},
  }
}

/**
 * As `memorySink`, but full as soon as the greeting is overdue: a machine that floods instead of running our script would
 * otherwise be listened to up to `maxBytes`, at every look again.
 */
export const greetedSink = (
  maxBytes: number,
  { text, withinBytes }: Greeting,
): OutputSink & { readonly greeted: () => boolean } => {
  const sink = memorySink(maxBytes)
  let greeted = false
  let before: Uint8Array = new Uint8Array(0)
  return {
    ...sink,
    greeted: () => greeted,
    push(chunk, source) {
      const fits = sink.push(chunk, source)
      if (greeted) return fits
      // Joined, because the greeting may arrive in two chunks.
      const seen = Buffer.concat([before, chunk])
      greeted = seen.includes(text)
      before = greeted ? new Uint8Array(0) : seen
      return fits && (greeted || seen.length <= withinBytes)
    },
  }
}

/** Hands output to a reader as it comes; a slow reader pauses the source. `maxBytes` may be Infinity. */
export const streamSink = (maxBytes: number): OutputSink & { readonly reader: PassThrough } => {
  const cut = capped(maxBytes)
  const reader = new PassThrough({ highWaterMark: 256 * 1024 })
  reader.on('error', () => {})
  return {
    reader,
    push(chunk, source) {
      if (reader.destroyed) return true
      const { kept, fits } = cut(chunk)
      if (kept.length > 0 && !reader.write(kept)) {
        source.pause()
        reader.once('drain', () => source.resume())
      }
      return fits
    },
    bytes: () => new Uint8Array(0),
    end: () => void reader.end(),
  }
}
