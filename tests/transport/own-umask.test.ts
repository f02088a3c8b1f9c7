import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startDetached } from '../../src/transport/detach.ts'
import { startProcess } from '../../src/transport/local-process.ts'
import { runNotifier } from '../../src/transport/notify.ts'
import { makePrivateFiles } from '../../src/transport/own-umask.ts'
import { lendTerminal } from '../../src/transport/terminal-child.ts'

let dir = ''
const before = process.umask(0o022)
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-umask-'))
  makePrivateFiles()
  makePrivateFiles()
})
afterAll(() => {
  process.umask(before)
  rmSync(dir, { recursive: true, force: true })
})

const mode = (name: string): number => statSync(join(dir, name)).mode & 0o777

test('what vc makes is its owner’s alone', () => {
  writeFileSync(join(dir, 'own'), '')
  expect(mode('own')).toBe(0o600)
})

test('what others make with its help is as open as they are used to', async () => {
  const touch = (name: string): readonly [string, ...string[]] => ['/bin/sh', '-c', `: > '${join(dir, name)}'`]
  await new Promise<void>((ended) => startProcess(touch('script'), '').onEnd(() => ended()))
  await runNotifier(touch('notifier'), '', 10_000)
  await lendTerminal(touch('lent'), [])
  const [shell, ...args] = touch('detached')
  startDetached(shell, args, join(dir, 'out'))
  await vi.waitFor(() => expect(mode('detached')).toBe(0o644), { timeout: 10_000 })
  expect(['script', 'notifier', 'lent'].map(mode)).toEqual([0o644, 0o644, 0o644])
  writeFileSync(join(dir, 'own again'), '')
  expect([mode('own again'), mode('out')]).toEqual([0o600, 0o600])
})
