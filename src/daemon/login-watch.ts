import type { Executor, RunResult } from '../core/executor.ts'

/**
 * The same way, which tells how long a new connection took from its first packet to a login. Runs over a kept
 * connection say nothing; waiting for a place in the connect lane does not count.
 */
export const watchLogins = (way: Executor, onLogin: (loginMs: number) => void): Executor => {
  const tell = (result: RunResult): RunResult => {
    const { connectMs } = result.timings
    if (!result.reusedConnection && connectMs > 0) onLogin(Math.round(connectMs))
    return result
  }
  return {
    // May change once, when a server turns out to need the ssh binary.
    get kind() {
      return way.kind
    },
    run: async (request) => tell(await way.run(request)),
    stream(request) {
      const { stdout, done } = way.stream(request)
      return { stdout, done: done.then(tell) }
    },
    close: () => way.close(),
  }
}
