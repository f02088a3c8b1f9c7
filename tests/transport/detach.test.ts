import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { askToEnd, isAlive, startDetached } from '../../src/transport/detach.ts'

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
