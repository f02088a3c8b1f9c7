/** The one end of a running cockpit, whatever brings it about. */
export const openEnding = () => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const releases: (() => void)[] = []
  let over = false
  const end = (error: unknown): void => {
    if (over) return
    over = true
    for (const release of releases) release()
    if (error === null) resolve()
    else reject(error)
  }
  return {
    /** Resolves when it was left, rejects with what broke it; all was let go of before. */
    ended: promise,
    over: (): boolean => over,
    /** Null: it was left. */
    end,
    /** Lets go of something at the end, in the order in which they were said. */
    atEnd: (release: () => void): void => void releases.push(release),
    /** Whatever breaks in there ends the cockpit, so that the terminal is given back. */
    guarded(work: () => void): void {
      try {
        work()
      } catch (error) {
        end(error)
      }
    },
  }
}
export type Ending = ReturnType<typeof openEnding>
