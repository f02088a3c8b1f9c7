import { expect, test } from 'vitest'
import { stuckScore } from '../../bench/rows/stuck.ts'
import { type AgentWatch, stuckWarnings, whatCameOfWarning } from '../../src/oracle/stuck.ts'

const now = new Date('2026-11-20T12:00:00Z')
const ago = (min: number): number => now.getTime() - min * 60_000

const working: AgentWatch = {
  agentId: 'atlas/claude-a', machineId: 'atlas', cli: 'claude', state: 'working', reason: null, stateSinceMs: ago(30), lastActivityMs: ago(30),
  cpuMaxPct: 0, cpuLooks: 20, processes: 1, contextTokens: null, contextWindowTokens: null, contextPerHour: null, failures: 0, successes: 0,
  crashes: 0,
} // biome-ignore format: a table of values

const kinds = (over: Partial<AgentWatch>): readonly string[] =>
  stuckWarnings({ ...working, ...over }, now).map(({ kind }) => kind)

test('half an hour without a word and a process at rest is a warning with its evidence', () => {
  const [warning] = stuckWarnings(working, now)
  expect(warning).toMatchObject({ kind: 'stuck_silent', action: 'look_then_interrupt', horizonMinutes: 15 })
  expect(warning?.indicators).toEqual([
    'nothing written for 30 min of a turn',
    'its processes used at most 0.0 % of a core in 20 looks',
  ])
})

test.each<[string, Partial<AgentWatch>]>([
  ['an interface that animates', { cpuMaxPct: 0.6 }],
  ['nobody measured its process', { cpuMaxPct: null, cpuLooks: 0 }],
  ['two looks are too few', { cpuLooks: 2 }],
  ['when it last wrote is not known', { lastActivityMs: null }],
  ['a quarter of an hour is not over', { stateSinceMs: ago(14) }],
  ['a tool may sleep', { processes: 3 }],
  ['background work', { reason: 'background shell' }],
  ['it waits for a person', { state: 'needs_approval' }],
  ['it waits for a limit', { state: 'rate_limited', failures: 2 }],
  ['it rests', { state: 'idle' }],
  ['it is dead', { state: 'dead' }],
  ['nobody ever judged it', { state: null }],
  ['good turns broke the loop', { state: 'idle', failures: 4, successes: 3 }],
])('%s: no warning', (_why, over) => expect(kinds(over)).toEqual([]))

test.each<[string, Partial<AgentWatch>, string]>([
  ['stopped by a signal', { state: 'stalled' }, 'stuck_stalled'],
  ['failing again and again', { state: 'failed', failures: 3 }, 'stuck_error_loop'],
  ['three short lives', { state: 'idle', crashes: 3 }, 'stuck_crash_loop'],
  ['nearly full', { state: 'idle', contextTokens: 96, contextWindowTokens: 100 }, 'stuck_context_overflow'],
  [
    'full within the hour',
    { state: 'idle', contextTokens: 90, contextWindowTokens: 100, contextPerHour: 20 },
    'stuck_context_overflow',
  ],
])('%s: %o is %s', (_why, over, kind) => expect(kinds(over)).toEqual([kind]))

test('a warning was right when nothing moved, wrong when it did, and unscored when nobody looked', () => {
  const quiet = { watched: true, failed: false, progressed: false, contextTurned: false, crashed: false }
  expect(whatCameOfWarning('stuck_silent', quiet)).toBe('came')
  expect(whatCameOfWarning('stuck_silent', { ...quiet, progressed: true })).toBe('stayed_away')
  expect(whatCameOfWarning('stuck_error_loop', quiet)).toBe('stayed_away')
  expect(whatCameOfWarning('stuck_error_loop', { ...quiet, failed: true })).toBe('came')
  expect(whatCameOfWarning('stuck_stalled', { ...quiet, watched: false })).toBe('unknown')
})

test.each(['claude', 'codex', 'gemini', 'opencode'])('%s: precision 0.98 and recall 0.95 on labelled traces', (cli) => {
  const score = stuckScore(cli, 60, 7)
  expect(score.precision).toBeGreaterThanOrEqual(0.98)
  expect(score.recall).toBeGreaterThanOrEqual(0.95)
})
