import { loadavg } from 'node:os'
import { linearRegression } from 'simple-statistics'
import { atMost, type Bench, type Figure } from '../bench.ts'
import { startInPty } from '../measure/in-pty.ts'
import { installBuilt, pause, startDaemon } from '../measure/installed.ts'
import { interleavedMedians, processMs } from '../measure/interleaved.ts'
import { treeCpuMs } from '../measure/processes.ts'
import { openTuiWorld } from '../measure/tui-world.ts'

const median = (sorted: readonly number[], share = 0.5): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const load = (): string => `load ${loadavg()[0]?.toFixed(1)}`

const inCockpit = async <T>(work: (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> => {
  const vc = installBuilt()
  const { env } = vc.user('tui')
  const shown = { ...env, NO_COLOR: undefined }
  const daemon = await startDaemon(vc, env)
  try {
    return await work([process.execPath, vc.bin, 'tui'], shown)
  } finally {
    await daemon.end()
    vc.remove()
  }
}

/** From the start of the process to its first frame, over a running daemon, in a pseudo-terminal. */
export const tuiFirstPaint: Bench = {
  name: 'tui-first-paint',
  about: 'vc tui over a running daemon, in a pseudo-terminal: start to the first frame',
  run: ({ full }) =>
    inCockpit(async (argv, env) => {
      const times: number[] = []
      for (let left = full ? 15 : 5; left > 0; left -= 1) {
        const tui = startInPty(argv, env, /VIBE COCKPIT/)
        times.push(await tui.shown)
        await tui.end()
      }
      const ms = median(times.sort((a, b) => a - b))
      const empty = await interleavedMedians(5, { empty: () => processMs(process.execPath, ['-e', ''], env) })
      return [
        atMost({
          what: 'vc tui: start to first frame',
          figure: `${ms.toFixed(0)} ms`,
          baseline: `${load()}, empty script ${empty.empty.toFixed(0)} ms`,
          ratio: ms / empty.empty,
          value: ms,
          limit: 300,
          unit: ' ms',
        }),
      ]
    }),
}

/** 200 × 50, refreshed every second, nobody touches a key. */
export const tuiIdle: Bench = {
  name: 'tui-idle',
  about: 'vc tui at 200 × 50 with a refresh of 1 s: CPU of one core, bytes written to the terminal',
  run: ({ full }) =>
    inCockpit(async (argv, env) => {
      const tui = startInPty(argv, env, /Machines and their/)
      await tui.shown
      await pause(10_000)
      const before = { cpu: treeCpuMs(tui.pid), at: performance.now(), bytes: tui.bytes() }
      await pause(full ? 120_000 : 20_000)
      const seconds = (performance.now() - before.at) / 1000
      const pct = (treeCpuMs(tui.pid) - before.cpu) / (10 * seconds)
      const perSecond = (tui.bytes() - before.bytes) / seconds
      await tui.end()
      return [
        atMost({
          what: 'idle cockpit: CPU of one core',
          figure: `${pct.toFixed(2)} %`,
          baseline: load(),
          ratio: null,
          value: pct,
          limit: 2,
          unit: ' %',
        }),
        atMost({
          what: 'idle cockpit: written to the terminal',
          figure: `${perSecond.toFixed(0)} bytes/s`,
          baseline: 'a whole screen is 10,000 cells',
          ratio: null,
          value: perSecond,
          limit: 2_000,
          unit: ' bytes/s',
        }),
      ]
    }),
}

/** Key to painted change over 100 machines and 500 agents. */
export const tuiKeys: Bench = {
  name: 'tui-keys',
  about: 'key to painted change, 100 machines and 500 agents, 160 × 48',
  async run({ full }) {
    const world = await openTuiWorld({ columns: 160, rows: 48 }, 1_000)
    const figures: Figure[] = []
    for (const [screen, name] of [
      ['1', 'overview'],
      ['3', 'agents'],
    ] as const) {
      await world.press(screen)
      await pause(500)
      const times: number[] = []
      for (let at = 0; at < (full ? 500 : 120); at += 1) {
        times.push(await world.press(at % 40 < 20 ? 'j' : 'k'))
        await pause(7)
      }
      times.sort((a, b) => a - b)
      for (const [what, share, limit] of [
        ['median', 0.5, 50],
        ['p99', 0.99, 100],
      ] as const) {
        const ms = median(times, share)
        figures.push(
          atMost({
            what: `key to painted change on ${name}, ${what}`,
            figure: `${ms.toFixed(1)} ms`,
            baseline: load(),
            ratio: null,
            value: ms,
            limit,
            unit: ' ms',
          }),
        )
      }
    }
    await world.close()
    return figures
  },
}

/** Refreshes of a day, as fast as they can be made: the memory must not grow with them. */
export const tuiSoak: Bench = {
  name: 'tui-soak',
  about: 'refreshes of 24 h accelerated (full: all 86,400 seconds’ worth of paintings), RSS against their number',
  async run({ full }) {
    const world = await openTuiWorld({ columns: 200, rows: 50 }, 20)
    const rounds = full ? 86_400 : 3_000
    const samples: [number, number][] = []
    for (let round = 0; round < rounds; round += 1) {
      await world.press(round % 200 === 0 ? (['1', '3'][(round / 200) % 2] ?? '1') : round % 2 === 0 ? 'j' : 'k')
      // The first third warms up.
      if (round > rounds / 3 && round % 50 === 0) samples.push([round, process.memoryUsage().rss / 1_048_576])
    }
    await world.close()
    const slope = 1_000 * linearRegression(samples).m
    return [
      atMost({
        what: 'a day of refreshes: growth of RSS',
        figure: `${slope.toFixed(2)} MB per 1,000`,
        baseline: `${rounds} paintings, ${samples.at(-1)?.[1].toFixed(0)} MB at the end`,
        ratio: null,
        value: slope,
        limit: full ? 0.2 : 4,
        unit: ' MB',
      }),
    ]
  },
}
