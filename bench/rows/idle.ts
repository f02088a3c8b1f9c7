import { loadavg } from 'node:os'
import { atMost, type Bench, type Figure, type Size } from '../bench.ts'
import { type Installed, installBuilt, pause, startDaemon } from '../measure/installed.ts'
import { interleavedMedians, processMs } from '../measure/interleaved.ts'
import { rssBytes, startedBelow, treeCpuMs } from '../measure/processes.ts'

const MB = 1_048_576

interface Rest {
  readonly cpuPct: number
  readonly rssMb: number
  readonly started: { readonly moments: number; readonly seconds: number }
}

/** One daemon from its start to its end: what it cost once what starting needed was given back, within a minute. */
const restOf = async (vc: Installed, env: NodeJS.ProcessEnv, { full }: Size): Promise<Rest> => {
  const daemon = await startDaemon(vc, env)
  try {
    await pause(full ? 75_000 : 15_000)
    const before = { cpu: treeCpuMs(daemon.pid), at: performance.now() }
    let rss = 0
    const watch = startedBelow(daemon.pid)
    for (let left = full ? 120 : 20; left > 0; left--) {
      await pause(1000)
      rss = Math.max(rss, rssBytes(daemon.pid))
    }
    const cpuPct = (100 * (treeCpuMs(daemon.pid) - before.cpu)) / (performance.now() - before.at)
    return { cpuPct, rssMb: rss / MB, started: watch.stop() }
  } finally {
    await daemon.end()
  }
}

const figuresOf = (name: string, { cpuPct, rssMb, started }: Rest, baseline: string): readonly Figure[] => [
  atMost({
    what: `${name}: CPU of one core, children included`,
    figure: `${cpuPct.toFixed(2)} %`,
    baseline,
    ratio: null,
    value: cpuPct,
    limit: 1,
    unit: ' %',
  }),
  atMost({
    what: `${name}: RSS`,
    figure: `${rssMb.toFixed(0)} MB`,
    baseline,
    ratio: null,
    value: rssMb,
    limit: 200,
    unit: ' MB',
  }),
  {
    what: `${name}: moments at which processes were started`,
    figure: `${started.moments} in ${started.seconds} s`,
    baseline: 'ticks of 2 s',
    ratio: null,
    target: `<= ${Math.ceil(started.seconds / 2) + 1}`,
    ok: started.moments <= Math.ceil(started.seconds / 2) + 1,
  },
]

/** The daemon of one quiet machine, default intervals. The figures hold on an idle machine: see the load beside them. */
export const idle: Bench = {
  name: 'idle',
  about: 'daemon, this machine only, default intervals, new and started again: CPU with children, memory, processes',
  async run(size) {
    const vc = installBuilt()
    const { env } = vc.user('idle')
    try {
      const fresh = await restOf(vc, env, size)
      // Over a database that has rows, as on every day but the first.
      const again = await restOf(vc, env, size)
      const ms = await interleavedMedians(9, { empty: () => processMs(process.execPath, ['-e', ''], env) })
      const baseline = `load ${loadavg()[0]?.toFixed(1)}, empty script ${ms.empty.toFixed(0)} ms`
      return [...figuresOf('idle daemon', fresh, baseline), ...figuresOf('the same, started again', again, baseline)]
    } finally {
      vc.remove()
    }
  },
}
