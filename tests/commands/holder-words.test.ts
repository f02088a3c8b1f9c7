import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holderFix, holderWords } from '../../src/commands/holder-words.ts'

const processOf = async (argv: readonly string[]) => {
  const child = spawn(process.execPath, [...argv], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

const WAITS = 'console.log("up"); setTimeout(() => {}, 60_000)'

test.runIf(process.platform === 'linux')('a command of vc is named without the words that follow it', async () => {
  const script = join(tmpdir(), 'vc.js')
  writeFileSync(script, WAITS)
  const { pid = 0 } = await processOf([script, '--config', '/srv/vc.toml', 'collect', '-m', 'atlas'])
  expect(holderWords(pid)).toBe(`process ${pid} (vc collect)`)
  expect(holderFix(pid, 'wait')).toBe('wait')
})

test.runIf(process.platform === 'linux')('one that a signal stopped can be let go on', async () => {
  const child = await processOf(['-e', WAITS])
  child.kill('SIGSTOP')
  const { pid = 0 } = child
  await expect.poll(() => holderWords(pid)).toBe(`process ${pid} (node, stopped by a signal)`)
  expect(holderFix(pid, 'wait')).toBe(`let it go on: kill -CONT ${pid}`)
})

test('of one that is gone its number is left', () => {
  expect(holderWords(4_194_305)).toBe('process 4194305')
})
