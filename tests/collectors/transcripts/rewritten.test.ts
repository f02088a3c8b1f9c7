import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import { createLedger } from './ledger-sums.ts'
import { createLocalMachine, rowsOf } from './local-machine.ts'
import { createRemoteMachine } from './remote-machine.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vc-rewritten-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const SESSION = '7ec95f9a-7b03-44cc-9366-87d3e7999509'
const envelope = (time: string) => ({ cwd: '/w', sessionId: SESSION, timestamp: `2026-11-20T${time}.000Z` })
const json = (record: object): string => `${JSON.stringify(record)}\n`
const asked = (bytes: number, time = '22:09:00'): string =>
  json({ type: 'user', ...envelope(time), message: { role: 'user', content: 'u'.repeat(bytes) } })
const answer = (id: string, tokens: number, bytes = 0): string => {
  const usage = { input_tokens: tokens, output_tokens: 1 }
  const content = [{ type: 'text', text: 'x'.repeat(bytes) }]
  const message = { id, role: 'assistant', model: 'claude-opus-4-8', content, stop_reason: null, usage }
  return json({ isSidechain: false, message, type: 'assistant', ...envelope('22:10:00') })
}

const HEAD = asked(400) + answer('a', 1)
const BEFORE = HEAD + answer('b', 2)

/** What happens to a file between two looks, and the tokens that were ever in it. */
const CHANGES: readonly (readonly [string, string, (path: string) => void, number])[] = [
  [
    'rewritten longer, with its old beginning',
    BEFORE,
    (path) => writeFileSync(path, HEAD + answer('c', 4, 50) + answer('d', 8, 3000)),
    15,
  ],
  [
    'cut and grown beyond where it was',
    BEFORE,
    (path) => {
      truncateSync(path, HEAD.length)
      appendFileSync(path, answer('c', 4, 20) + answer('d', 8))
    },
    15,
  ],
  ['rewritten with the same length', BEFORE, (path) => writeFileSync(path, HEAD + answer('c', 4)), 7],
  ['rewritten shorter', BEFORE + answer('d', 8), (path) => writeFileSync(path, HEAD + answer('c', 4)), 15],
  ['a short first line replaced', '{"type":"x"}\n', (path) => writeFileSync(path, answer('a', 1) + answer('b', 2)), 3],
  [
    'replaced by another with the same beginning',
    BEFORE,
    (path) => {
      writeFileSync(`${path}.new`, HEAD + answer('c', 4) + answer('d', 8))
      renameSync(`${path}.new`, path)
    },
    15,
  ],
  [
    'rotated',
    BEFORE,
    (path) => {
      renameSync(path, path.replace('.jsonl', '.1.jsonl'))
      writeFileSync(path, answer('c', 4))
    },
    7,
  ],
  [
    'a torn last line taken back',
    BEFORE + answer('d', 8).slice(0, 100),
    (path) => writeFileSync(path, BEFORE + answer('c', 4)),
    7,
  ],
]

const machines = [
  ['here', (home: string) => createLocalMachine(home)],
  ['over scripts', (home: string) => createRemoteMachine({ HOME: home })],
] as const

describe.each(machines)('%s', (where, open) => {
  test.each(CHANGES)('%s: every answer counts once', async (name, before, change, tokens) => {
    const folder = join(scratch, where, name, '.claude', 'projects', '-w')
    const path = join(folder, `${SESSION}.jsonl`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, before)
    const machine = open(join(scratch, where, name))
    const ledger = createLedger()
    ledger.add(rowsOf(await machine.collect(claude), 'agent_usage'))
    change(path)
    const later = Date.now() / 1000 + 60
    utimesSync(path, later, later)
    for (const _ of [1, 2]) ledger.add(rowsOf(await machine.collect(claude), 'agent_usage'))
    if ('close' in machine) await machine.close()
    expect(ledger.total()).toMatchObject({ input: tokens })
    expect(machine.warnings).toEqual([])
  })

  test('what is UTF-16 is named at each look, and read once it is UTF-8', async () => {
    const home = join(scratch, where, 'utf16')
    const folder = join(home, '.claude', 'projects', '-w')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `${SESSION}.jsonl`)
    const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
    writeFileSync(path, utf16(BEFORE))
    writeFileSync(join(folder, 'other.jsonl'), utf16(BEFORE).swap16())
    const machine = open(home)
    const looks: unknown[] = []
    const look = async () => {
      looks.push(rowsOf(await machine.collect(claude), 'agent_usage').length)
    }
    await look()
    appendFileSync(path, utf16(answer('c', 4)).subarray(2))
    await look()
    writeFileSync(path, BEFORE)
    await look()
    // What was moved away is not named until somebody lists all there is.
    rmSync(join(folder, 'other.jsonl'))
    if ('wait' in machine) machine.wait(300_000)
    await look()
    if ('close' in machine) await machine.close()
    expect(looks).toEqual([0, 0, 2, 0])
    expect(machine.warnings.map(({ code, message }) => [code, /^claude: (\S+)/.exec(message)?.[1]])).toEqual([
      ['utf16', '2'],
      ['utf16', '2'],
      ['utf16', 'one'],
    ])
    expect(machine.warnings.at(-1)?.message).toContain(join(folder, 'other.jsonl'))
    expect(machine.progress.filter(([done, total]) => done < total)).toEqual([])
  })

  test('a session is known before its first answer, and active when it was asked last', async () => {
    const home = join(scratch, where, 'unanswered')
    const folder = join(home, '.claude', 'projects', '-w')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `${SESSION}.jsonl`)
    writeFileSync(path, json({ type: 'mode', mode: 'normal', sessionId: SESSION }) + asked(9))
    const machine = open(home)
    const started = new Date('2026-11-20T22:09:00Z')
    const first = rowsOf(await machine.collect(claude), 'agent_sessions')
    expect(first).toMatchObject([{ session_id: SESSION, cwd: '/w', started_at: started, last_activity_at: started }])
    appendFileSync(path, answer('a', 1) + asked(9, '23:30:00'))
    const second = rowsOf(await machine.collect(claude), 'agent_sessions')
    if ('close' in machine) await machine.close()
    const lastActivity = new Date('2026-11-20T23:30:00Z')
    expect(second).toMatchObject([{ started_at: started, last_activity_at: lastActivity, model: 'claude-opus-4-8' }])
  })
})
