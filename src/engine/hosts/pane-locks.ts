/** One writer per pane within this process, in the order they came. */
export interface PaneLocks {
  hold<Result>(pane: string, act: () => Promise<Result>): Promise<Result>
}

export const openPaneLocks = (): PaneLocks => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    hold(pane, act) {
      const before = tails.get(pane) ?? Promise.resolve()
      const mine = before.then(act, act)
      const tail = mine.then(
        () => {},
        () => {},
      )
      tails.set(pane, tail)
      void tail.then(() => {
        if (tails.get(pane) === tail) tails.delete(pane)
      })
      return mine
    },
  }
}
