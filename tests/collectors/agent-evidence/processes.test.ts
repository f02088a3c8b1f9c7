import { expect, test } from 'vitest'
import { readProcesses, type SeenProcess } from '../../../src/collectors/agent-evidence/processes.ts'

const AT = new Date('2026-11-21T12:00:00Z')
const seen = (pid: number, ppid: number, argv0: string, state = 'S'): SeenProcess => ({
  ...{ pid, ppid, argv0, state, startTicks: 1, comm: null, script: null, tty: 'pts/1', detached: false },
})

test('a program that is none of the CLIs lives as long as its process does', () => {
  const rule = (...processes: readonly SeenProcess[]) => readProcesses('other', processes, AT)?.rule
  expect(rule(seen(10, 1, 'cat'))).toBe('process.alive@1')
  expect(rule(seen(10, 1, 'sh'), seen(11, 10, 'make', 'T'))).toBe('process.alive@1')
  expect(rule(seen(10, 1, 'sh', 'T'))).toBe('process.stopped@1')
  expect(rule(seen(10, 1, 'cat', 'Z'))).toBe('process.gone@1')
  expect(rule()).toBe('process.gone@1')
})

test('a shell is no sign of a CLI that was left', () => {
  expect(readProcesses('claude', [seen(10, 1, 'bash')], AT)?.rule).toBe('process.gone@1')
})

test('who lost its terminal is no run that never needed one', () => {
  const bare = [{ ...seen(10, 1, 'gemini'), tty: null }]
  expect(readProcesses('gemini', bare, AT)?.rule).toBe('process.headless@1')
  expect(readProcesses('gemini', bare, AT, true)).toMatchObject({
    rule: 'process.orphaned@1',
    reason: 'its terminal is closed, its process goes on',
  })
  expect(readProcesses('gemini', [seen(10, 1, 'gemini')], AT, true)?.rule).toBe('process.alive@1')
})
