import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliIo } from '../../src/cli/io.ts'
import { openProgress, progressLine } from '../../src/cli/progress.ts'

const terminal = (isTTY: boolean) => {
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const io: CliIo = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} }
  return { io, said: () => String(stderr.read() ?? '') }
}

test('the bar says how much of how much, and never more than all', () => {
  expect(progressLine(220_200_960, 595_591_168)).toBe('reading history █████████░░░░░░░░░░░░░░░ 36 % 210/568 MB')
  expect(progressLine(0, 0)).toContain(' 0 % 0.0/0.0 MB')
  expect(progressLine(300, 200)).toContain('100 %')
})

test('on a terminal the parts of all machines are one bar that is wiped away', () => {
  const { io, said } = terminal(true)
  const progress = openProgress(io)
  progress.report('atlas', 'claude', 1_048_576, 4_194_304)
  expect(said()).toContain('25 % 1.0/4.0 MB')
  expect(progress.busy()).toBe(true)
  progress.report('atlas', 'claude', 4_194_304, 4_194_304)
  expect(progress.busy()).toBe(false)
  progress.clear()
  expect(said()).toBe('\r\u001b[K')
  progress.clear()
  expect(said()).toBe('')
})

test('in a pipe nothing is drawn', () => {
  const { io, said } = terminal(false)
  const progress = openProgress(io)
  progress.report('atlas', 'claude', 1, 2)
  progress.clear()
  expect(said()).toBe('')
})

test('what is read in a moment gets no bar', () => {
  const { io, said } = terminal(true)
  const progress = openProgress(io)
  progress.report('atlas', 'claude', 300, 40_000)
  expect([said(), progress.busy()]).toEqual(['', true])
})
