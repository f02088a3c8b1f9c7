import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ANSWERS, DRIVING } from './driving.ts'
import type { Lab } from './lab.ts'
import { press } from './scenarios.ts'
import { until } from './wait.ts'

/** One change of a real agent, and how long the running daemon took to show it. */
export interface Shown {
  readonly change: string
  readonly expected: string
  /** Milliseconds from the moment the terminal showed it until `vc robot agents` and `vc watch` did; null: never. */
  readonly robotMs: number | null
  readonly watchMs: number | null
}

interface WatchLine {
  readonly type: string
  readonly change: string
  readonly at: number
}

const GIVE_UP_MS = 30_000

/** `vc watch --changes-only`, line by line with the moment it was printed. */
const openWatch = (lab: Lab) => {
  const vc = join(import.meta.dirname, '..', '..', 'bin', 'vc.js')
  const words = [vc, 'watch', '--changes-only', '--events', 'agent', '--interval', '1']
  const child = spawn(process.execPath, words, { env: lab.vcEnv, cwd: lab.root, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: WatchLine[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push({ ...(JSON.parse(text) as Omit<WatchLine, 'at'>), at: Date.now() })
  })
  return { lines, stop: () => child.kill('SIGTERM') }
}

/** The daemon with one live claude: every change must be shown soon, by the answer and by the stream. */
export async function runDaemon(lab: Lab, say: (line: string) => void): Promise<readonly Shown[]> {
  const driving = DRIVING.claude
  await lab.vc('daemon', '--detach')
  const watch = openWatch(lab)
  const shown: Shown[] = []
  const terminal = await lab.launch()
  const expectState = async (change: string, expected: string, from: number): Promise<void> => {
    const late = Date.now() + GIVE_UP_MS
    const robot = until(
      `${expected} in vc robot agents`,
      async () => ((await lab.agents()).some((agent) => agent.state === expected) ? Date.now() : null),
      { timeoutMs: GIVE_UP_MS },
    ).catch(() => null)
    const stream = until(
      `${expected} in vc watch`,
      () => watch.lines.find((line) => line.type === 'agent_state' && line.at >= from && line.change === expected)?.at,
      { timeoutMs: late - Date.now() },
    ).catch(() => null)
    const [robotAt, watchAt] = await Promise.all([robot, stream])
    shown.push({ change, expected, robotMs: robotAt && robotAt - from, watchMs: watchAt && watchAt - from })
    say(`  ${change}: ${expected} after ${robotAt && robotAt - from} ms, watch ${watchAt && watchAt - from} ms`)
  }
  try {
    await terminal.sees(driving.ready)
    await expectState('started', 'idle', Date.now())
    await terminal.say('mock:slow secs=15')
    await terminal.sees(driving.busy)
    await expectState('asked', 'working', Date.now())
    await terminal.loses(driving.busy)
    await expectState('answered', 'turn_finished', Date.now())
    await terminal.say('mock:tool cmd=touch_z.txt')
    await terminal.sees(driving.approval)
    await expectState('asks', 'needs_approval', Date.now())
    await press(terminal, 'claude', driving.accept)
    await terminal.sees(ANSWERS.toolAnswered)
    await expectState('approved', 'turn_finished', Date.now())
    await terminal.say('mock:500')
    await terminal.sees(/API Error/)
    await expectState('failed', 'failed', Date.now())
    await terminal.signal('SIGKILL')
    await expectState('kill -9', 'dead', Date.now())
    for (const line of watch.lines) say(`  watch: ${JSON.stringify(line)}`)
  } finally {
    watch.stop()
    await terminal.close()
    await lab.vc('daemon', 'stop')
  }
  return shown
}

/**
 * What the registry itself says (working, needs_approval) must show within 6 s. New and dead processes are met by the probe,
 * and which kind of rest it is (finished, failed) by the screen: both look every 10 s.
 */
const REGISTRY_MS = 6_000
const BEAT_MS = 13_000
const TOLD_BY_REGISTRY: readonly string[] = ['working', 'needs_approval']
export const isLate = (one: Shown): boolean => {
  const limit = TOLD_BY_REGISTRY.includes(one.expected) ? REGISTRY_MS : BEAT_MS
  return one.robotMs === null || one.watchMs === null || one.robotMs > limit || one.watchMs > limit + 1_500
}
