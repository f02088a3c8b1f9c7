import { describe, expect, test } from 'vitest'
import type { MachineSignals } from '../../../src/oracle/alert-signals.ts'
import type { Rule } from '../../../src/oracle/rule.ts'
import { cassStale } from '../../../src/oracle/rules/cass-stale.ts'
import { dcgDenies } from '../../../src/oracle/rules/dcg-denies.ts'
import { mailBacklog } from '../../../src/oracle/rules/mail-backlog.ts'
import { mailOverdue } from '../../../src/oracle/rules/mail-overdue.ts'
import { networkUnknown } from '../../../src/oracle/rules/network-unknown.ts'
import { rchSaturated } from '../../../src/oracle/rules/rch-saturated.ts'
import { transcriptsDeleted } from '../../../src/oracle/rules/transcripts-deleted.ts'
import { healthyMachine, signalsOf, source } from '../alert-pictures.ts'
import { diary } from './diary.ts'

interface Case {
  readonly rule: Rule<MachineSignals>
  readonly tool: string
  readonly fine: Partial<MachineSignals>
  readonly wrong: Partial<MachineSignals>
  readonly says: string
}

const HOUR_S = 3600

const CASES: readonly Case[] = [
  { rule: dcgDenies, tool: 'dcg', fine: { dcg: { deniesHour: 10, newCritical: [] } }, wrong: { dcg: { deniesHour: 11, newCritical: [] } }, says: 'firing warning denies' },
  { rule: dcgDenies, tool: 'dcg', fine: { dcg: { deniesHour: 0, newCritical: [] } }, wrong: { dcg: { deniesHour: 1, newCritical: ['core.rm'] } }, says: 'firing critical rule core.rm' },
  { rule: networkUnknown, tool: 'rano', fine: { unknownNetwork: { connections: 0, examples: [] } }, wrong: { unknownNetwork: { connections: 2, examples: ['x.example'] } }, says: 'firing warning network' },
  { rule: mailBacklog, tool: 'agent_mail', fine: { mail: { urgentUnread: 5, overdueAcks: 9 } }, wrong: { mail: { urgentUnread: 6, overdueAcks: 0 } }, says: 'firing warning mail' },
  { rule: mailOverdue, tool: 'agent_mail', fine: { mail: { urgentUnread: 9, overdueAcks: 3 } }, wrong: { mail: { urgentUnread: 0, overdueAcks: 4 } }, says: 'firing warning mail' },
  { rule: rchSaturated, tool: 'rch', fine: { rch: { queueDepth: 50, workersAvailable: 1 } }, wrong: { rch: { queueDepth: 11, workersAvailable: 0 } }, says: 'firing critical rch' },
  { rule: cassStale, tool: 'cass', fine: { cass: { state: 'healthy', indexAgeS: 23 * HOUR_S } }, wrong: { cass: { state: 'healthy', indexAgeS: 25 * HOUR_S } }, says: 'firing info cass' },
  { rule: transcriptsDeleted, tool: 'retention', fine: { retention: [] }, wrong: { retention: ['Claude Code on atlas deletes transcripts'] }, says: 'firing info claude' },
] // biome-ignore format: a table

describe.each(CASES)('$rule.id of $tool, $says', ({ rule, tool, fine, wrong, says }) => {
  const well = (news: Partial<MachineSignals>) => signalsOf(healthyMachine(), news)
  const broken = (fault: 'timeout' | 'tool_missing') =>
    signalsOf(healthyMachine({ sources: [source(tool, { up: false, fault })] }), wrong)

  test('on the line it is silent, beyond it speaks, and then it is silent again', () => {
    expect(
      diary(rule, [
        ['0m', well(fine)],
        ['5m', well(wrong)],
        ['6m', well(wrong)],
        ['11m', well(fine)],
        ['13m', well(fine)],
      ]),
    ).toEqual(['nothing', says, says, rule.clearMs === 0 ? says.replace('firing', 'resolved') : says, 'nothing'])
  })
  test('a tool that is absent, or that fails, is never guessed about', () => {
    expect(
      diary(rule, [
        ['0m', broken('tool_missing')],
        ['5m', broken('timeout')],
      ]),
    ).toEqual(['nothing', 'nothing'])
  })
  test('what fires stays as it is while the tool fails', () => {
    expect(
      diary(rule, [
        ['0m', well(wrong)],
        ['5m', broken('timeout')],
        ['60m', broken('timeout')],
      ]),
    ).toEqual([says, says, says])
  })
  test('a source without a word is silent', () => {
    expect(diary(rule, [['0m', well({})]])).toEqual(['nothing'])
  })
})

test('an index that was never made, or whose age is not said, is no stale one', () => {
  const cass = (state: string, indexAgeS: number | null) => signalsOf(healthyMachine(), { cass: { state, indexAgeS } })
  expect(
    diary(cassStale, [
      ['0m', cass('not_initialized', 99 * HOUR_S)],
      ['1m', cass('healthy', null)],
    ]),
  ).toEqual(['nothing', 'nothing'])
})
