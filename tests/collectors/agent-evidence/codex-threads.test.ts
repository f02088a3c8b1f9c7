import { expect, test } from 'vitest'
import { readCodexThreads } from '../../../src/collectors/agent-evidence/index.ts'
import { sighting } from '../../../src/collectors/agent-evidence/sighting.ts'
import { readScreen } from '../../../src/collectors/screens/index.ts'
import { decide } from '../../../src/oracle/agent-state.ts'

// As Codex 0.169.0 wrote them: a parent that began a sub-agent and ended its own turn in the same second.
const turn = (thread: string, id: string, root: string, ordinal: number, over: Record<string, unknown> = {}) => ({
  thread_id: thread,
  turn_id: id,
  root_turn_id: root,
  rollout_ordinal: ordinal,
  status: 'completed',
  started_at: 1795325475,
  completed_at: 1795325476,
  ...over,
})
const RUNS = { status: 'inProgress', started_at: 1795325476, completed_at: null }
const parentOf = (...rows: readonly unknown[]) =>
  readCodexThreads(rows).find(({ threadId }) => threadId === 'p')?.sighting

const rest = sighting({
  tier: 'live',
  source: 'codex.title',
  says: 'idle',
  rule: 'rest',
  version: '0.169',
  asOf: new Date(1795325477_000),
})
const rolledOut = sighting({
  tier: 'transcript',
  source: 'codex.transcript',
  says: 'turn_finished',
  rule: 'turn_end',
  version: '0.169',
  asOf: new Date(1795325476_292),
})

test('a sub-agent that goes on outweighs the record of the turn that ended in the same second', () => {
  const background = parentOf(turn('c', 'c1', 'p1', 1, RUNS), turn('p', 'p1', 'p1', 1))
  expect(background).toMatchObject({ says: 'working', reason: 'background: sub-agent' })
  const now = new Date(1795325490_000)
  const seen = [rest, rolledOut].flatMap((one) => ({ ...one, seenAt: now }))
  expect(decide([...seen, background ?? rest], { now })).toMatchObject({
    state: 'working',
    reason: 'background: sub-agent',
  })
  const ended = parentOf(turn('c', 'c1', 'p1', 1), turn('p', 'p1', 'p1', 1))
  expect(decide([...seen, ended ?? rest], { now }).state).toBe('turn_finished')
})

test('a sub-agent of an earlier turn counts too, one of another thread does not', () => {
  const [first, second] = [turn('p', 'p1', 'p1', 1), turn('p', 'p2', 'p2', 20)]
  expect(parentOf(turn('c', 'c1', 'p1', 1, RUNS), second, first)?.says).toBe('working')
  expect(parentOf(turn('c', 'c1', 'q1', 1, RUNS), turn('q', 'q1', 'q1', 1), second, first)?.says).toBe('turn_finished')
})

test('retries given up after 429 are a failure whose reason names the rate limit, in the database and on the screen', () => {
  const error_json = JSON.stringify({
    message: 'exceeded retry limit, last status: 429 Too Many Requests, request id: req_1',
    codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
  })
  const told = { says: 'failed', reason: 'rate limit (429), retries given up' }
  expect(parentOf(turn('p', 'p1', 'p1', 1, { status: 'failed', error_json }))).toMatchObject(told)
  const screen = [
    '  >_ OpenAI Codex (v0.169.0)',
    '',
    '› go',
    '',
    '■ exceeded retry limit, last status: 429 Too Many Requests, request id: req_1',
    '',
    '› Ask Codex to do anything',
    '',
    '  ← for agents · ? for shortcuts',
  ].join('\n')
  const read = readScreen({ screen, title: '', currentCommand: 'codex', width: 120, cli: 'codex' })
  expect([read?.state, read?.reason]).toEqual([told.says, told.reason])
})
