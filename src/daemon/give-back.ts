/** By then all that starting needs has run, first looks too. */
const AFTER_MS = 60_000
/** Of a bigger heap this would take so long that a large fleet is looked at late. */
const MOST_HEAP_BYTES = 64 * 1_048_576

interface Heap {
  /** Node's own, there with `--expose-gc` (bin/heaps.js). */
  readonly collect?: ((options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => unknown) | undefined
  readonly usedBytes?: () => number
}

/**
 * A minute after its start a daemon gives back what only starting needed: garbage that an idle heap keeps for long, and code
 * that ran once. Answers how to stop waiting for it.
 */
export const giveBackLater = ({
  collect = globalThis.gc,
  usedBytes = () => process.memoryUsage().heapUsed,
}: Heap = {}): (() => void) => {
  const timer = setTimeout(() => {
    if (usedBytes() <= MOST_HEAP_BYTES) collect?.({ type: 'major', flavor: 'last-resort' })
  }, AFTER_MS)
  timer.unref()
  return () => clearTimeout(timer)
}
