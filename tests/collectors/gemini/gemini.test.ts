import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeGeminiCorpus } from '../../../bench/corpus/gemini.ts'
import type { SessionTruth } from '../../../bench/corpus/session-truth.ts'
import { gemini } from '../../../src/collectors/gemini/index.ts'
import { TestMachine } from '../opencode/machine.ts'

let home = ''
let config = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-gm-'))
  config = join(home, '.gemini')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const machineAt = (): TestMachine => new TestMachine({ PATH: process.env.PATH, HOME: home })
const withTokens = (sessions: Record<string, SessionTruth>) =>
  Object.fromEntries(Object.entries(sessions).filter(([, truth]) => truth.messages > 0))

const chat = (name: string, content: string | Buffer): string => {
  const path = join(config, 'tmp/demo/chats', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}
const sample = (name: string): Buffer => readFileSync(`tests/fixtures/gemini/${name}`)
const line = (record: unknown): string => `${JSON.stringify(record)}\n`
const HEAD = { sessionId: 's-1', projectHash: 'h', startTime: '2026-11-20T10:00:00.000Z', kind: 'main' }
const said = (id: string, tokens: unknown, over: Record<string, unknown> = {}) => ({
  id,
  timestamp: '2026-11-20T10:00:05.000Z',
  type: 'gemini',
  content: 'x',
  tokens,
  model: 'gemini-2.5-flash',
  ...over,
})

describe('the corpus with every trap', () => {
  test.each([1, 2, 3])('seed %i: every session equals the truth, and no word of text is kept', async (seed) => {
    const truth = writeGeminiCorpus(config, { seed, sessions: 9, turnsPerSession: 8 })
    const machine = machineAt()
    const result = await machine.collect(gemini)
    expect(result.fault ?? null).toBeNull()
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
    for (const word of truth.canaries) expect(machine.everything()).not.toContain(word)
  })

  test('a second look reads nothing and changes nothing', async () => {
    writeGeminiCorpus(config, { seed: 4, sessions: 6, turnsPerSession: 5 })
    const machine = machineAt()
    await machine.collect(gemini)
    const before = machine.totals()
    machine.ranges = []
    const again = await machine.collect(gemini)
    expect(again.batches.filter((batch) => batch.table !== 'agent_sightings')).toEqual([])
    expect(machine.ranges).toEqual([])
    expect(machine.totals()).toEqual(before)
  })

  test('reading all files once more from their beginning changes nothing', async () => {
    const truth = writeGeminiCorpus(config, { seed: 5, sessions: 6, turnsPerSession: 5 })
    const machine = machineAt()
    await machine.collect(gemini)
    machine.cursors.clear()
    await machine.collect(gemini)
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
  })

  test('vanished files never lower a total, and their sessions say so', async () => {
    const truth = writeGeminiCorpus(config, { seed: 6, sessions: 6, turnsPerSession: 5 })
    const machine = machineAt()
    await machine.collect(gemini)
    rmSync(join(config, 'tmp'), { recursive: true })
    await machine.collect(gemini)
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
    expect([...machine.sessions.values()].every((row) => row.source_gone === true)).toBe(true)
  })

  test('sessions know where they worked, in all three ways a machine can tell', async () => {
    const truth = writeGeminiCorpus(config, { seed: 7, sessions: 12, turnsPerSession: 3 })
    const machine = machineAt()
    await machine.collect(gemini)
    for (const row of machine.sessions.values()) {
      const dir = String(row.transcript_path).split('/chats/')[0] ?? ''
      expect(row.cwd).toBe(truth.roots[dir])
    }
    const usage = [...machine.usage.values()]
    expect(new Set(usage.map((row) => row.project))).toEqual(new Set(['demo', 'other', 'old']))
  })

  test('a sub-agent is a child of the session its folder is named after', async () => {
    writeGeminiCorpus(config, { seed: 8, sessions: 4, turnsPerSession: 3 })
    const machine = machineAt()
    await machine.collect(gemini)
    const child = [...machine.sessions.values()].find((row) => row.is_subagent === true)
    expect(machine.sessions.has(child?.parent_session_id)).toBe(true)
    const usage = [...machine.usage.values()].find((row) => row.session_id === child?.session_id)
    expect(usage).toMatchObject({ is_sidechain: true, parent_session_id: child?.parent_session_id, provider: 'google' })
  })
})

describe('the recorded chats of 0.61.0', () => {
  test.each([
    ['chat-headless-0.61.0.jsonl', 1],
    ['chat-interactive-short-0.61.0.jsonl', 5],
  ])('%s holds %i answers', async (name, answers) => {
    chat('session-2026-11-20T21-58-e6542e3d.jsonl', sample(name))
    const machine = machineAt()
    await machine.collect(gemini)
    expect(Object.values(machine.totals())).toEqual([
      {
        messages: answers,
        input: 1200 * answers,
        output: 52 * answers,
        cacheRead: 800 * answers,
        cacheWrite: 0,
        reasoning: 12 * answers,
        total: 2052 * answers,
      },
    ])
  })

  test('a chat with Esc and /compress counts each answer once; its last error is a class, not a text', async () => {
    const bytes = sample('chat-interactive-all-0.61.0.jsonl')
    const ids = new Set<string>()
    for (const text of bytes.toString().trim().split('\n')) {
      const record = JSON.parse(text)
      if (record.tokens) ids.add(record.id)
    }
    chat('session-2026-11-20T21-59-07e8e828.jsonl', bytes)
    const machine = machineAt()
    await machine.collect(gemini)
    expect(Object.values(machine.totals())[0]?.messages).toBe(ids.size)
    expect([...machine.sessions.values()][0]).toMatchObject({
      session_id: '07e8e828-2984-4bbc-bc61-92b27e742074',
      model: 'gemini-2.5-flash',
      last_error: 'api_error 400',
      context_tokens: 2052,
    })
    expect(machine.sightings).toHaveLength(1)
  })
})

describe('while a chat is written', () => {
  test('a cut last line counts when its newline arrives', async () => {
    const whole = line(HEAD) + line(said('m1', { input: 10, output: 5, cached: 4, thoughts: 1, tool: 0, total: 16 }))
    const path = chat('session-2026-11-20T10-00-s1.jsonl', whole.slice(0, -20))
    const machine = machineAt()
    await machine.collect(gemini)
    expect(machine.totals()).toEqual({})
    appendFileSync(path, whole.slice(-20))
    await machine.collect(gemini)
    expect(machine.totals()['s-1']).toMatchObject({ input: 6, output: 6, cacheRead: 4, reasoning: 1, total: 16 })
  })

  test('tokens that come late or grow replace what stood there', async () => {
    const path = chat('session-2026-11-20T10-00-s1.jsonl', line(HEAD) + line(said('m1', null)))
    const machine = machineAt()
    await machine.collect(gemini)
    expect(machine.totals()).toEqual({})
    appendFileSync(path, line(said('m1', { input: 10, output: 1 })))
    await machine.collect(gemini)
    appendFileSync(
      path,
      line(said('m1', { input: 10, output: 9 })) + line({ $rewindTo: 'm1' }) + line(said('m1', null)),
    )
    await machine.collect(gemini)
    expect(machine.totals()['s-1']).toMatchObject({ messages: 1, input: 10, output: 9 })
  })

  test('a legacy chat that is rewritten in place is read anew and still counts once', async () => {
    const old = (messages: unknown[]): string => JSON.stringify({ ...HEAD, messages }, null, 2)
    const one = said('m1', { input: 10, output: 1 })
    const path = chat('session-2026-11-20T10-00-s1.json', old([one]))
    const machine = machineAt()
    await machine.collect(gemini)
    writeFileSync(path, old([one, said('m2', { input: 20, output: 2 })]))
    utimesSync(path, new Date(), new Date(statSync(path).mtimeMs + 5_000))
    await machine.collect(gemini)
    expect(machine.totals()['s-1']).toMatchObject({ messages: 2, input: 30, output: 3 })
  })

  test('where the total says that input excludes the cache, it is believed; tool prompts are input', async () => {
    chat(
      'session-2026-11-20T10-00-s1.jsonl',
      line(HEAD) +
        line(said('m1', { input: 10, output: 5, cached: 100, thoughts: 0, tool: 0, total: 115 })) +
        line(said('m2', { input: 10, output: 5, cached: 4, thoughts: 0, tool: 3, total: 18 })),
    )
    const machine = machineAt()
    await machine.collect(gemini)
    expect(machine.totals()['s-1']).toMatchObject({ input: 10 + 6 + 3, cacheRead: 104, total: 115 + 18 })
  })
})

describe('properties', () => {
  const whole = async (files: Record<string, Buffer>): Promise<string> => {
    for (const [name, bytes] of Object.entries(files)) chat(name, bytes)
    const machine = machineAt()
    await machine.collect(gemini)
    rmSync(config, { recursive: true, force: true })
    return JSON.stringify(machine.totals())
  }

  test('split at any byte, in any two steps, the totals are the same', async () => {
    const bytes = sample('chat-interactive-all-0.61.0.jsonl')
    const expected = await whole({ 'session-a-1.jsonl': bytes })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (at) => {
        const path = chat('session-a-1.jsonl', bytes.subarray(0, at))
        const machine = machineAt()
        await machine.collect(gemini)
        appendFileSync(path, bytes.subarray(at))
        await machine.collect(gemini)
        rmSync(config, { recursive: true, force: true })
        expect(JSON.stringify(machine.totals())).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('bytes of any kind around and inside a chat never end a run, and good lines still count', async () => {
    const good = line(HEAD) + line(said('m1', { input: 10, output: 1 }))
    const json = fc.json().map((text) => Buffer.from(`${text}\n`))
    const record = fc
      .record({
        id: fc.anything(),
        type: fc.constantFrom('gemini', 'error', 'user'),
        tokens: fc.anything(),
        $set: fc.anything(),
      })
      .map((value) => Buffer.from(`${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? null : v))}\n`))
    const bytes = fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.concat([Buffer.from(raw), Buffer.from('\n')]))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(json, record, bytes), { maxLength: 8 }), async (noise) => {
        chat('session-a-1.jsonl', Buffer.concat([Buffer.from(good), ...noise]))
        chat('session-b-1.json', Buffer.concat(noise))
        const machine = machineAt()
        const result = await machine.collect(gemini)
        rmSync(config, { recursive: true, force: true })
        expect(result.fault ?? null).toBeNull()
        expect(machine.totals()['s-1']?.messages).toBeGreaterThanOrEqual(1)
        for (const row of machine.usage.values())
          for (const name of ['input_tokens', 'output_tokens', 'cache_read_tokens', 'total_tokens'])
            expect(Number.isSafeInteger(row[name])).toBe(true)
      }),
      { numRuns: 80 },
    )
  })

  test('a chat copied to another place counts once', async () => {
    const truth = writeGeminiCorpus(config, { seed: 9, sessions: 5, turnsPerSession: 4 })
    cpSync(join(config, 'tmp/demo/chats'), join(config, 'tmp/elsewhere/chats'), { recursive: true })
    const machine = machineAt()
    await machine.collect(gemini)
    expect(machine.totals()).toEqual(withTokens(truth.sessions))
  })

  test('deep nesting and a very long line are trouble, not an end', async () => {
    const deep = `{"id":"d","type":"gemini","tokens":{"input":${'['.repeat(50_000)}`
    const long = line(said('m2', { input: 7, output: 3 }, { content: 'x'.repeat(10 * 1024 * 1024) }))
    chat('session-a-1.jsonl', `${line(HEAD)}${deep}\n${long}`)
    const machine = machineAt()
    await machine.collect(gemini)
    expect(machine.totals()['s-1']).toMatchObject({ messages: 1, input: 7, output: 3 })
    expect(machine.warnings.join()).toContain('malformed_line')
  })
})
