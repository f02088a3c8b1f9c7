/** What is under way and given up as a whole when its owner closes. */
export interface Endings {
  /** One more of them, already given up after the close. Call `over` when it has ended. */
  begin(): { readonly ending: AbortController; readonly over: () => void }
  isClosed(): boolean
  close(): void
}

/** A controller for each: AbortSignal.any of one for all costs several times as much. */
export const openEndings = (): Endings => {
  const open = new Set<AbortController>()
  let closed = false
  return {
    begin() {
      const ending = new AbortController()
      if (closed) ending.abort()
      open.add(ending)
      return { ending, over: () => void open.delete(ending) }
    },
    isClosed: () => closed,
    close() {
      closed = true
      for (const ending of open) ending.abort()
    },
  }
}
