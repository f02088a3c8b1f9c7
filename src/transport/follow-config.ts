import type { Executor, RunClass, RunRequest, RunResult } from '../core/executor.ts'

const LOOK_EVERY_MS = 60_000

/** Endings that another ssh_config might have spared the run. */
const LOST: ReadonlySet<RunClass> = new Set<RunClass>([
  'dns',
  'refused',
  'connect_timeout',
  'connection_lost',
  'transport',
  'auth',
  'host_key_unknown',
  'host_key_changed',
])

export interface FollowPorts {
  /** Reads the ssh_config anew; true when the target leads elsewhere than before. */
  readonly moved: () => Promise<boolean>
  readonly open: () => Promise<Executor>
  readonly lookEveryMs?: number
}

/**
 * An executor that does not hold on to what its ssh_config said once: when no way leads there any more, the file is read
 * again, at most once a minute, and a way that is another one now is tried at once. A standing connection is left alone.
 */
export const followConfig = (first: Executor, { moved, open, lookEveryMs = LOOK_EVERY_MS }: FollowPorts): Executor => {
  let inner = first
  let lookedAt = Number.NEGATIVE_INFINITY
  let closed = false
  let looking: Promise<void> | null = null

  const look = async (used: Executor): Promise<void> => {
    lookedAt = performance.now()
    if (!(await moved().catch(() => false))) return
    const next = await open().catch(() => null)
    if (next === null) return
    if (closed) return next.close()
    inner = next
    await used.close()
  }
  // Several runs fail together: one of them looks, and all of them hear of it.
  const turned = async (used: Executor): Promise<boolean> => {
    if (looking === null && inner === used && !closed && performance.now() - lookedAt >= lookEveryMs)
      looking = look(used).finally(() => {
        looking = null
      })
    await looking
    return inner !== used && !closed
  }
  const run = async (request: RunRequest): Promise<RunResult> => {
    const used = inner
    const ran = await used.run(request)
    const neverBegun = LOST.has(ran.class) && ran.timings.execMs === 0
    return neverBegun && (await turned(used)) ? inner.run(request) : ran
  }
  return {
    get kind() {
      return inner.kind
    },
    run,
    stream: (request) => inner.stream(request),
    async close() {
      closed = true
      await inner.close()
    },
  }
}
