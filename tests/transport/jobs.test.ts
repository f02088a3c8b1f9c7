import { expect, test, vi } from 'vitest'
import type { ChildJob } from '../../src/core/job-runner.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'

// Children run at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 180_000 })

const ENTRY = new URL('./jobs-child.ts', import.meta.url)
const MB = 1_048_576

const job = (input: unknown, limits: Partial<ChildJob> = {}): ChildJob => ({
  entry: ENTRY,
  input,
  wallMs: 60_000,
  maxRssBytes: 2_000 * MB,
  maxOutputBytes: 10 * MB,
  ...limits,
})

const run = async (input: unknown, limits: Partial<ChildJob> = {}) => {
  const child = openJobRunner().start(job(input, limits))
  const lines: string[] = []
  for await (const line of child.lines) lines.push(line)
  return { lines, report: await child.ended }
}

test('the task goes in as a line, whole lines come out, the end is an exit code', async () => {
  const { lines, report } = await run({ do: 'echo', text: 'grüße, 日本' })
  expect(lines).toEqual(['grüße, 日本', 'second'])
  expect(report.end).toEqual({ is: 'exit', code: 0 })
})

test('a child gets no environment but UTC, and stands behind everybody else', async () => {
  process.env.VC_SECRET_OF_TEST = 'x'
  const { lines } = await run({ do: 'env' })
  expect(JSON.parse(lines[0] ?? '')).toEqual({ env: ['TZ'], nice: 19 })
})

test('the clock kills a child that spins', async () => {
  const { report } = await run({ do: 'hang' }, { wallMs: 1_500 })
  expect(report.end).toEqual({ is: 'timeout', wallMs: 1_500 })
})

test('the watchdog kills a child that eats memory', async () => {
  const { report } = await run({ do: 'eat' }, { maxRssBytes: 300 * MB })
  expect(report.end).toMatchObject({ is: 'memory', maxRssBytes: 300 * MB })
  expect(report.peakRssBytes).toBeGreaterThan(300 * MB)
})

test('a child that says too much is ended', async () => {
  const { report } = await run({ do: 'flood' }, { maxOutputBytes: 1 * MB })
  expect(report.end).toEqual({ is: 'output', maxOutputBytes: 1 * MB })
})

test('a failure brings its exit code and last words', async () => {
  const { report } = await run({ do: 'fail' })
  expect([report.end, report.stderr]).toEqual([{ is: 'exit', code: 7 }, 'it broke'])
})

test('whoever started it can stop it', async () => {
  const child = openJobRunner().start(job({ do: 'hang' }))
  child.stop()
  expect((await child.ended).end).toEqual({ is: 'stopped' })
})
