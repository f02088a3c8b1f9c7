import { loadavg } from 'node:os'
import { atMost, type Bench } from '../bench.ts'
import { installBuilt, pause, startDaemon } from '../measure/installed.ts'
import { interleavedMedians, processMs } from '../measure/interleaved.ts'
import { rssBytes, startedBelow, treeCpuMs } from '../measure/processes.ts'

const MB = 1_048_576

/** The daemon of one quiet machine, default intervals. The figures hold on an idle machine: see the load beside them. */
export const idle: Bench = {
  name: 'idle',
  about: 'daemon, this machine only, default intervals: CPU with children, memory, processes outside its ticks',
  async run({ full }) {
    const vc = installBuilt()
    const { env } = vc.user('idle')
    const daemon = await startDaemon(vc, env)
    try {
      // What starting needed is given back within a minute; quiet begins after it.
      await pause(full ? 75_000 : 15_000)
      const before = { cpu: treeCpuMs(daemon.pid), at: performance.now() }
      let rss = 0
      const watch = startedBelow(daemon.pid)
      for (let left = full ? 120 : 20; left > 0; left--) {
        await pause(1000)
        rss = Math.max(rss, rssBytes(daemon.pid))
      }
      const started = watch.stop()
      const pct = (100 * (treeCpuMs(daemon.pid) - before.cpu)) / (performance.now() - before.at)
      const ms = await interleavedMedians(9, { empty: () => processMs(process.execPath, ['-e', ''], env) })
      const baseline = `load ${loadavg()[0]?.toFixed(1)}, empty script ${ms.empty.toFixed(0)} ms`
      return [
        atMost({
          what: 'idle daemon: CPU of one core, children included',
          figure: `${pct.toFixed(2)} %`,
          baseline,
          ratio: null,
          value: pct,
          limit: 1,
          unit: ' %',
        }),
        atMost({
          what: 'idle daemon: RSS',
          figure: `${(rss / MB).toFixed(0)} MB`,
          baseline,
          ratio: null,
          value: rss / MB,
          limit: 200,
          unit: ' MB',
        }),
        {
          what: 'idle daemon: moments at which processes were started',
          figure: `${started.moments} in ${started.seconds} s`,
          baseline: 'ticks of 2 s',
          ratio: null,
          target: `<= ${Math.ceil(started.seconds / 2) + 1}`,
          ok: started.moments <= Math.ceil(started.seconds / 2) + 1,
        },
      ]
    } finally {
      await daemon.end()
      vc.remove()
    }
  },
}
