/** `asked`: somebody waits for the answer. `own`: what the owner of the file reads for itself. */
export type Lane = 'asked' | 'own'

/** So many jobs at once, in the order they came; but who waits for an answer goes before what the owner wants to know. */
export const readLanes = (atOnce: number) => {
  const waiting: Readonly<Record<Lane, (() => void)[]>> = { asked: [], own: [] }
  let running = 0
  const leave = (): void => {
    const next = waiting.asked.shift() ?? waiting.own.shift()
    // The place of who leaves is that of the next.
    if (next) next()
    else running--
  }
  return async <Result>(lane: Lane, job: () => Promise<Result>): Promise<Result> => {
    if (running < atOnce) running++
    else await new Promise<void>((enter) => waiting[lane].push(enter))
    try {
      return await job()
    } finally {
      leave()
    }
  }
}
