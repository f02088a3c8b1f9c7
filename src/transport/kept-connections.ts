/** One kept connection in the count. `use` and `free` come in pairs; `gone` when it ended by itself. */
export interface KeptSlot {
  use(): void
  free(): void
  gone(): void
}

/** All kept connections of one vc. */
export interface KeptConnections {
  /** `close` is called when this connection has been unused longest and the number is exceeded. */
  add(close: () => void): KeptSlot
  size(): number
}

/**
 * Holds the number of kept connections: one more than `max`, and the longest unused closes first. A connection that runs
 * something is never closed for it; the number is exceeded until the first one has ended its run.
 */
export const openKeptConnections = (max: number): KeptConnections => {
  const all = new Set<KeptSlot>()
  // In the order in which they fell idle: the first is unused longest.
  const idle = new Map<KeptSlot, () => void>()

  const forget = (slot: KeptSlot): void => {
    all.delete(slot)
    idle.delete(slot)
  }
  const closeDownTo = (room: number): void => {
    for (const [slot, close] of idle) {
      if (all.size <= room) return
      forget(slot)
      close()
    }
  }
  return {
    size: () => all.size,
    add(close) {
      closeDownTo(max - 1)
      let users = 0
      const slot: KeptSlot = {
        use() {
          users += 1
          idle.delete(slot)
        },
        free() {
          users -= 1
          if (users > 0 || !all.has(slot)) return
          idle.set(slot, close)
          closeDownTo(max)
        },
        gone: () => forget(slot),
      }
      all.add(slot)
      idle.set(slot, close)
      return slot
    },
  }
}
