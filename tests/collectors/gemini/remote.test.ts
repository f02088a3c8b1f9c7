import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeGeminiCorpus } from '../../../bench/corpus/gemini.ts'
import { gemini } from '../../../src/collectors/gemini/index.ts'
import { shMachine } from '../../transport/sh-machine.ts'
import { TestMachine } from '../opencode/machine.ts'

let home = ''
let config = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-gmr-'))
  config = join(home, '.gemini')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const machineAt = (): TestMachine => {
  const machine = new TestMachine({ PATH: process.env.PATH, HOME: home })
  machine.startedAt = new Date()
  return machine
}

/** Every answer a shell gave, to look for words that should have stayed there. */
const listening = (machine: TestMachine, bin: string): (() => string) => {
  const heard: Buffer[] = []
  const shell = shMachine({ env: { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: home } })
  machine.shell = {
    ...shell,
    run: async (request) => {
      const answer = await shell.run(request)
      heard.push(Buffer.from(answer.stdout))
      return answer
    },
  }
  return () => Buffer.concat(heard).toString('latin1')
}

test('over ssh every session equals the truth too: chats, legacy files, sub-agents, working directories', async () => {
  const truth = writeGeminiCorpus(config, { seed: 21, sessions: 9, turnsPerSession: 6 })
  const machine = machineAt()
  const result = await machine.collectRemotely(gemini)
  expect(result.fault ?? null).toBeNull()
  const expected = Object.fromEntries(Object.entries(truth.sessions).filter(([, session]) => session.messages > 0))
  expect(machine.totals()).toEqual(expected)
  for (const word of truth.canaries) expect(machine.everything()).not.toContain(word)
  for (const row of machine.sessions.values()) {
    const dir = String(row.transcript_path).split('/chats/')[0] ?? ''
    expect(row.cwd).toBe(truth.roots[dir])
  }
})

test('prompts and answers do not leave the machine', async () => {
  const truth = writeGeminiCorpus(config, { seed: 22, sessions: 5, turnsPerSession: 4 })
  const machine = machineAt()
  // Without gzip the answers can be searched as they travel.
  const bin = join(home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'gzip'), '#!/bin/sh\nexec cat\n', { mode: 0o755 })
  const heard = listening(machine, bin)
  await machine.collectRemotely(gemini)
  expect(heard()).toContain('"tokens":{"input"')
  for (const word of truth.canaries) expect(heard()).not.toContain(word)
})

test('the next tick brings the new bytes only', async () => {
  const truth = writeGeminiCorpus(config, { seed: 23, sessions: 5, turnsPerSession: 20 })
  const machine = machineAt()
  await machine.collectRemotely(gemini)
  const first = machine.bytes
  const path = truth.files.find((file) => file.endsWith('.jsonl') && !file.includes('/demo/')) ?? ''
  const session = JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '').sessionId
  const before = machine.totals()[session]?.messages ?? 0
  const tokens = { input: 5, output: 7, cached: 0, thoughts: 0, tool: 0, total: 12 }
  const record = { id: 'new-1', timestamp: '2026-11-20T10:00:00.000Z', type: 'gemini', content: 'x', tokens }
  appendFileSync(path, `${JSON.stringify(record)}\n`)
  await machine.collectRemotely(gemini)
  expect(machine.totals()[session]?.messages).toBe(before + 1)
  expect(machine.bytes).toBeLessThan(first / 2)
})

test.each([
  [
    'a quota notice',
    { type: 'error', content: '[API Error: You have exhausted your daily quota on this model.]' },
    'rate_limited',
  ],
  ['a cancelled request', { type: 'info', content: 'Request cancelled.' }, 'idle'],
  ['a prompt', { type: 'user', content: [{ text: 'do it' }] }, 'working'],
])('%s still says what it says', async (_, notice, says) => {
  const chats = join(config, 'tmp/demo/chats')
  mkdirSync(chats, { recursive: true })
  const records = [
    { sessionId: 's-1', projectHash: 'h', startTime: '2026-11-20T10:00:00.000Z', kind: 'main' },
    { id: 'n1', timestamp: '2026-11-20T10:01:00.000Z', ...notice },
  ]
  writeFileSync(join(chats, 'session-2026-11-20T10-00-s1.jsonl'), records.map((r) => `${JSON.stringify(r)}\n`).join(''))
  const machine = machineAt()
  await machine.collectRemotely(gemini)
  expect(machine.sightings.map((row) => row.says)).toEqual([says])
})
