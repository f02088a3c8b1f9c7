import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askToEnd, boundOutput, isAlive, startDetached } from '../../src/transport/detach.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-detach-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a detached program writes into its own file, stands in / and ends when asked', async () => {
  const out = join(dir, 'out')
  const pid = startDetached('/bin/sh', ['-c', 'pwd; echo to stderr >&2; exec sleep 600'], out)
  await vi.waitFor(() => expect(readFileSync(out, 'utf8')).toBe('/\nto stderr\n'), { timeout: 10_000 })
  expect(statSync(out).mode & 0o777).toBe(0o600)
  expect(isAlive(pid)).toBe(true)
  expect(askToEnd(pid)).toBe(true)
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
  expect(askToEnd(pid)).toBe(false)
})

test('an output that grew too large is begun anew under its writer, and the newest of it is kept aside', async () => {
  const out = join(dir, 'out')
  const pid = startDetached('/bin/sh', ['-c', 'echo one; echo two; while sleep 0.05; do echo more; done'], out)
  try {
    await vi.waitFor(() => expect(statSync(out).size).toBeGreaterThan(40), { timeout: 10_000 })
    writeFileSync(`${out}.1`, 'from long ago '.repeat(9))
    boundOutput(out, 10)
    expect(readFileSync(`${out}.1`, 'utf8')).toBe('more\nmore\n')
    // It goes on at the new end, and leaves no hole before it.
    await vi.waitFor(() => expect(readFileSync(out, 'utf8')).toMatch(/^more\n/), { timeout: 10_000 })
  } finally {
    process.kill(pid, 'SIGKILL')
  }
})

test('an output that is small, is not there or cannot be kept aside stays as it is', () => {
  const out = join(dir, 'out')
  boundOutput(out)
  expect(existsSync(out)).toBe(false)
  writeFileSync(out, 'ten bytes.')
  boundOutput(out, 10)
  expect([readFileSync(out, 'utf8'), existsSync(`${out}.1`)]).toEqual(['ten bytes.', false])
  mkdirSync(`${out}.1`)
  boundOutput(out, 9)
  expect(readFileSync(out, 'utf8')).toBe('ten bytes.')
})

test('the output kept aside is for its owner alone, and no larger than the bound however large the output was', () => {
  const out = join(dir, 'out')
  writeFileSync(out, 'x'.repeat(1_000_000))
  boundOutput(out)
  expect([statSync(out).size, statSync(`${out}.1`).size, statSync(`${out}.1`).mode & 0o777]).toEqual([
    0, 262_144, 0o600,
  ])
})

// No user may make a file there, not even root.
test.skipIf(process.platform !== 'linux')('a log that may not be written is named, with a way out', () => {
  expect(() => startDetached('/bin/sh', ['-c', 'true'], '/sys/daemon.out')).toThrow(
    expect.objectContaining({
      code: expect.stringMatching(/^(no_access|read_only)$/),
      message: expect.stringContaining('/sys/daemon.out cannot be used'),
    }),
  )
})

test('a folder that is not there is an error at once, and starts nothing', () => {
  expect(() => startDetached('/bin/sh', ['-c', 'true'], join(dir, 'absent', 'out'))).toThrow('ENOENT')
})

test.skipIf(process.platform !== 'linux')('what ended and was never fetched by its parent is not alive', async () => {
  const out = join(dir, 'out')
  // The shell starts a child and becomes a program that never asks after it.
  const parent = startDetached('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 600'], out)
  try {
    await vi.waitFor(() => expect(readFileSync(out, 'utf8')).toMatch(/\d\n/), { timeout: 10_000 })
    const pid = Number(readFileSync(out, 'utf8'))
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
    expect(process.kill(pid, 0)).toBe(true)
    expect(isAlive(parent)).toBe(true)
  } finally {
    process.kill(parent, 'SIGKILL')
  }
})
