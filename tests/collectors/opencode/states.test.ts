import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { writeOpencodeCorpus } from '../../../bench/corpus/opencode.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { opencodeHome } from './opencode-home.ts'

const here = opencodeHome()

describe('states', () => {
  const newest = (data: Record<string, unknown>, tool?: Record<string, unknown>): void => {
    mkdirSync(here.dataDir, { recursive: true })
    writeOpencodeCorpus(here.dataDir, { seed: 15, sessions: 1, messagesPerSession: 1 })
    const atMs = Date.UTC(2026, 10, 20, 11)
    here.change('DELETE FROM part')
    here.change('DELETE FROM message')
    const session = 'SELECT id FROM session LIMIT 1'
    const row = JSON.stringify({ role: 'assistant', time: { created: atMs }, ...data })
    here.change(`INSERT INTO message SELECT 'msg_1', (${session}), ${atMs}, ${atMs}, ?`, row)
    if (tool !== undefined)
      here.change(
        `INSERT INTO part SELECT 'prt_1', 'msg_1', (${session}), 1, 1, ?`,
        JSON.stringify({ type: 'tool', ...tool }),
      )
  }
  const ended = { time: { created: Date.UTC(2026, 10, 20, 11), completed: Date.UTC(2026, 10, 20, 11, 1) } }

  test.each([
    ['an open answer works', {}, undefined, 'working'],
    ['an ended one finished its turn', { finish: 'stop', ...ended }, undefined, 'turn_finished'],
    ['a 401 failed', { error: { name: 'APIError', data: { statusCode: 401 } }, ...ended }, undefined, 'failed'],
    [
      'a 429 is a limit',
      { error: { name: 'APIError', data: { statusCode: 429 } }, ...ended },
      undefined,
      'rate_limited',
    ],
    [
      'a refused approval is idle',
      { finish: 'tool-calls', ...ended },
      {
        tool: 'bash',
        state: { status: 'error', error: 'The user rejected permission to use this specific tool call.' },
      },
      'idle',
    ],
    [
      'a running tool works (or waits for approval: the log knows)',
      {},
      { tool: 'bash', state: { status: 'running', input: { command: 'CANARY' } } },
      'working',
    ],
  ] as const)('%s', async (_, data, tool, says) => {
    newest(data, tool)
    const machine = here.machine()
    await machine.collect(opencode)
    expect(machine.sightings).toEqual([
      expect.objectContaining({
        cli: 'opencode',
        tier: 'transcript',
        says,
        subject: expect.stringMatching(/^session:ses_/),
      }),
    ])
    expect(machine.everything()).not.toContain('CANARY')
  })
})
