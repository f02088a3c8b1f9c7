import type { LookLine } from '../core/looked.ts'

/** While nothing happens, who waits learns that somebody is still there. */
const WAITING_MS = 5_000

/** Progress comes a thousand times a second; it is looked at ten times. */
const PROGRESS_MS = 100

/** Lines that may lie unread before those without news are left out. */
const UNREAD = 64

/**
 * An answer of one JSON object per line, as they come. Who hangs up ends the answer and not the work; what only says
 * how far it is, is left out for who does not read.
 */
export const streamLines = (
  work: (tell: (line: LookLine) => void) => Promise<void>,
  errorLine: (error: unknown) => LookLine,
): Response => {
  const text = new TextEncoder()
  let gone = false
  let toldAt = 0
  const source = {
    start(controller: ReadableStreamDefaultController<Uint8Array>) {
      const tell = (line: LookLine): void => {
        if (gone) return
        const isMood = 'waiting' in line || 'progress' in line
        if (isMood && (controller.desiredSize ?? 0) <= 0) return
        if ('progress' in line && line.progress.done < line.progress.total) {
          if (performance.now() - toldAt < PROGRESS_MS) return
          toldAt = performance.now()
        }
        controller.enqueue(text.encode(`${JSON.stringify(line)}\n`))
      }
      tell({ waiting: true })
      const waiting = setInterval(() => tell({ waiting: true }), WAITING_MS)
      void work(tell)
        .catch((error: unknown) => tell(errorLine(error)))
        .finally(() => {
          clearInterval(waiting)
          if (!gone) controller.close()
        })
    },
    cancel() {
      gone = true
    },
  }
  const body = new ReadableStream(source, { highWaterMark: UNREAD })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
}
