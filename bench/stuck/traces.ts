import type { AgentWatch } from '../../src/oracle/stuck.ts'
import { createRandom, type Random } from '../corpus/random.ts'

/** What really is the matter with the agent of a trace. */
export const STUCK_TRACES = ['stopped', 'hung', 'error_loop', 'crash_loop'] as const
export const SOUND_TRACES = [
  'thinks_silently',
  'waits_for_the_model_headless',
  'background_task',
  'sleeps_in_a_tool',
  'builds_in_a_tool',
  'permission_prompt',
  'rate_limited',
  'dead',
  'idle',
  'failed_once',
  'recovered',
] as const
export type StuckTrace = (typeof STUCK_TRACES)[number] | (typeof SOUND_TRACES)[number]

export const TRACE_NOW = new Date('2026-11-20T12:00:00Z')
const MINUTE_MS = 60_000

/** In steps of a tenth, as process tables tell it. */
const cpu = (random: Random, lowTenths: number, highTenths: number): number => random.int(lowTenths, highTenths) / 10

const sound = (cli: string, minutes: number): AgentWatch => ({
  agentId: `atlas/${cli}-x`,
  machineId: 'atlas',
  cli,
  state: 'working',
  reason: null,
  stateSinceMs: TRACE_NOW.getTime() - minutes * MINUTE_MS,
  lastActivityMs: TRACE_NOW.getTime() - minutes * MINUTE_MS,
  cpuMaxPct: null,
  cpuLooks: 20,
  processes: 1,
  contextTokens: null,
  contextWindowTokens: null,
  contextPerHour: null,
  failures: 0,
  successes: 0,
  crashes: 0,
})

// Servers of tools live in the tree of many agents, idle ones too.
const tree = (random: Random): number => (random.chance(0.3) ? random.int(2, 6) : 1)

type Maker = (random: Random, cli: string) => AgentWatch

const MAKERS: Readonly<Record<StuckTrace, Maker>> = {
  stopped: (r, cli) => ({ ...sound(cli, r.int(1, 240)), state: 'stalled', reason: 'stopped by a signal', cpuMaxPct: 0 }),
  // Its first quarter of an hour cannot be told from thinking by anybody.
  hung: (r, cli) => ({ ...sound(cli, r.int(20, 240)), cpuMaxPct: cpu(r, 0, 2), processes: tree(r) }),
  error_loop: (r, cli) => {
    const failures = r.int(3, 14)
    return { ...sound(cli, r.int(0, 3)), state: 'failed', reason: 'error 500', failures, successes: r.chance(0.2) ? 1 : 0, cpuMaxPct: cpu(r, 5, 60) }
  },
  crash_loop: (r, cli) => ({ ...sound(cli, r.int(0, 3)), crashes: r.int(3, 12), cpuMaxPct: cpu(r, 50, 900) }),
  thinks_silently: (r, cli) => ({ ...sound(cli, r.int(1, 60)), cpuMaxPct: cpu(r, 4, 60), processes: tree(r) }),
  waits_for_the_model_headless: (r, cli) => ({ ...sound(cli, r.int(1, 12)), cpuMaxPct: cpu(r, 0, 10), processes: tree(r) }),
  background_task: (r, cli) => ({ ...sound(cli, r.int(1, 300)), reason: 'background shell', cpuMaxPct: cpu(r, 0, 900), processes: r.int(2, 9) }),
  sleeps_in_a_tool: (r, cli) => ({ ...sound(cli, r.int(1, 40)), cpuMaxPct: cpu(r, 0, 8), processes: r.int(2, 5) }),
  builds_in_a_tool: (r, cli) => ({ ...sound(cli, r.int(1, 180)), cpuMaxPct: cpu(r, 100, 4000), processes: r.int(2, 40) }),
  permission_prompt: (r, cli) => ({ ...sound(cli, r.int(1, 900)), state: 'needs_approval', cpuMaxPct: cpu(r, 0, 20), processes: tree(r) }),
  rate_limited: (r, cli) => ({ ...sound(cli, r.int(1, 300)), state: 'rate_limited', cpuMaxPct: cpu(r, 0, 20), failures: r.int(0, 2) }),
  dead: (r, cli) => ({ ...sound(cli, r.int(1, 900)), state: 'dead', cpuLooks: 0, failures: r.int(0, 1) }),
  idle: (r, cli) => ({ ...sound(cli, r.int(1, 3000)), state: r.pick(['idle', 'turn_finished']), cpuMaxPct: cpu(r, 0, 8), processes: tree(r) }),
  failed_once: (r, cli) => ({ ...sound(cli, r.int(1, 25)), state: 'failed', reason: 'error 401', failures: r.int(1, 2), cpuMaxPct: cpu(r, 0, 8) }),
  recovered: (r, cli) => ({ ...sound(cli, r.int(0, 5)), failures: r.int(1, 4), successes: r.int(3, 8), cpuMaxPct: cpu(r, 5, 100) }),
} // biome-ignore format: one trace a line

export interface LabelledWatch {
  readonly cli: string
  readonly trace: StuckTrace
  readonly stuck: boolean
  readonly watch: AgentWatch
}

/** The same seed makes the same traces; each kind equally often. */
export const stuckTraces = (cli: string, perKind: number, seed: number): readonly LabelledWatch[] => {
  const random = createRandom(seed)
  return [...STUCK_TRACES, ...SOUND_TRACES].flatMap((trace) =>
    Array.from({ length: perKind }, () => ({
      cli,
      trace,
      stuck: STUCK_TRACES.some((kind) => kind === trace),
      watch: MAKERS[trace](random, cli),
    })),
  )
}
