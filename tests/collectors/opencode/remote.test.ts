import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeOpencodeCorpus } from '../../../bench/corpus/opencode.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { have, TestMachine } from './machine.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-ocr-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const withTokens = (sessions: Record<string, { messages: number }>) =>
  Object.fromEntries(Object.entries(sessions).filter(([, session]) => session.messages > 0))

/** A PATH that holds the basic tools and only these of the database ones. */
const pathWith = (...tools: readonly string[]): string => {
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const basics = [
    'sh',
    'cat',
    'stat',
    'printf',
    'head',
    'tail',
    'od',
    'tr',
    'wc',
    'awk',
    'sed',
    'date',
    'timeout',
    'env',
  ]
  for (const tool of [...basics, ...tools]) {
    const found = (process.env.PATH ?? '')
      .split(':')
      .filter((dir) => !dir.endsWith('/shims'))
      .map((dir) => join(dir, tool))
    for (const path of found) {
      try {
        readlinkSync(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL') continue
      }
      symlinkSync(path, join(bin, tool))
      break
    }
  }
  return bin
}

test.runIf(have('sqlite3'))(
  'over ssh, in the directory XDG_DATA_HOME names, every session equals the truth',
  async () => {
    const data = join(home, 'my data')
    const truth = writeOpencodeCorpus(join(data, 'opencode'), { seed: 31, sessions: 10, messagesPerSession: 40 })
    const machine = new TestMachine({ PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: data })
    const result = await machine.collectRemotely(opencode)
    expect(result.fault).toBeNull()
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
    for (const word of truth.canaries) expect(machine.everything()).not.toContain(word)
    await machine.collectRemotely(opencode)
    const quiet = await machine.collectRemotely(opencode)
    expect(quiet.batches).toEqual([])
  },
)

test.runIf(have('python3'))('where only python3 is there, it reads', async () => {
  const truth = writeOpencodeCorpus(join(home, '.local/share/opencode'), {
    seed: 32,
    sessions: 3,
    messagesPerSession: 10,
  })
  const machine = new TestMachine({ PATH: pathWith('python3'), HOME: home })
  const result = await machine.collectRemotely(opencode)
  expect(result).toMatchObject({ fault: null, detail: null })
  expect(machine.totals()).toEqual(withTokens(truth.sessions))
})

test('where neither is there, the fault names both', async () => {
  writeOpencodeCorpus(join(home, '.local/share/opencode'), { seed: 33, sessions: 1, messagesPerSession: 1 })
  const machine = new TestMachine({ PATH: pathWith(), HOME: home })
  const result = await machine.collectRemotely(opencode)
  expect(result).toMatchObject({ fault: 'tool_missing', detail: expect.stringMatching(/sqlite3.*python3/) })
  expect(dirname(String(result.detail)).startsWith(home)).toBe(true)
})
