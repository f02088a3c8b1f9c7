import { expect, test } from 'vitest'
import { readOpencodeLog } from '../../../src/collectors/agent-evidence/opencode-log.ts'

const at = (second: number): string => `2026-11-20T12:00:${String(second).padStart(2, '0')}.000Z`
const line = (second: number, rest: string): string => `timestamp=${at(second)} level=INFO run=ab12 ${rest}`
const said = (...lines: readonly string[]) => readOpencodeLog(lines, new Date(at(59)))[0]?.sighting

const LOOP = 'message=loop session.id=ses_1 step=0'
const LIMIT = 'message="stream error" session.id=ses_1 error.error="Rate limit reached"'
const FAULT = 'message="stream error" session.id=ses_1 error.error="Internal server error"'
const STREAM = 'message=stream session.id=ses_1 small=false'

test('a turn works since it began, whatever steps and retries it takes', () => {
  expect(said(line(1, LOOP), line(2, STREAM), line(5, FAULT), line(9, STREAM), line(12, FAULT))).toMatchObject({
    says: 'working',
    reason: 'stream error, retrying',
    asOf: new Date(at(12)),
    since: new Date(at(1)),
  })
})

test('a limit stands since it was first met, and ends with its turn', () => {
  const met = [line(1, LOOP), line(3, LIMIT), line(5, STREAM), line(7, LIMIT)]
  expect(said(...met)).toMatchObject({ says: 'rate_limited', since: new Date(at(3)) })
  expect(said(...met, line(20, LOOP))).toMatchObject({ says: 'working', since: new Date(at(20)) })
})

test('a turn whose last try failed has ended, and the next one works since it began', () => {
  const gaveUp = 'message=process session.id=ses_1 messageID=msg_1 error="The server had an error" stack="x"'
  const failed = [line(1, LOOP), line(3, FAULT), line(9, STREAM), line(10, FAULT), line(10, gaveUp)]
  expect(said(...failed)).toMatchObject({ says: 'failed', since: new Date(at(10)) })
  expect(said(...failed, line(30, LOOP))).toMatchObject({ says: 'working', since: new Date(at(30)) })
  const limited = line(10, 'message=process session.id=ses_1 messageID=msg_1 error="Rate limit reached." stack="x"')
  expect(said(line(1, LOOP), limited)).toMatchObject({ says: 'rate_limited', reason: 'rate limit' })
  // who began a sub-agent goes on after it failed
  const child = [line(2, 'message=created id=ses_2 parentID=ses_1'), line(4, gaveUp.replace('ses_1', 'ses_2'))]
  expect(said(line(1, LOOP), ...child)).toMatchObject({ says: 'working', since: new Date(at(1)) })
})

test('each permission that is asked is another one', () => {
  const asking = 'message=asking id=per_1 permission=bash'
  expect(said(line(1, LOOP), line(2, asking), line(4, asking))).toMatchObject({
    says: 'needs_approval',
    since: new Date(at(4)),
  })
})

test('an interrupt stands though what was under way fails after it', () => {
  const aborted = 'message=process session.id=ses_1 messageID=msg_1 error=Aborted stack=undefined'
  expect(said(line(1, LOOP), line(4, 'message=cancel session.id=ses_1'), line(4, aborted))).toMatchObject({
    says: 'idle',
    reason: 'interrupted',
  })
})

test('a run works on for its own session while sub-agents begin, end and ask', () => {
  const run = (...lines: readonly string[]) => readOpencodeLog(lines, new Date(at(59)))[0]
  const begun = [
    line(1, LOOP),
    line(2, 'message=created id=ses_2 parentID=ses_1 directory=/w'),
    line(3, 'message=loop session.id=ses_2 step=0'),
    line(4, 'message=stream session.id=ses_3 small=false mode=subagent'),
  ]
  const ended = [...begun, line(6, 'message="exiting loop" session.id=ses_2')]
  expect(run(...ended)).toMatchObject({ sessionId: 'ses_1', sighting: { says: 'working', since: new Date(at(1)) } })
  expect(run(...begun, line(7, 'message=asking id=per_1 permission=bash'))).toMatchObject({
    sessionId: 'ses_1',
    sighting: { says: 'needs_approval' },
  })
  expect(run(...ended, line(8, 'message="exiting loop" session.id=ses_1'))?.sighting?.says).toBe('turn_finished')
})
