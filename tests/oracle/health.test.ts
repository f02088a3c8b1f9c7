import { expect, test } from 'vitest'
import type { Fault } from '../../src/core/faults.ts'
import { fleetHealth, type MachinePicture, machineHealth } from '../../src/oracle/health.ts'

const well: MachinePicture = {
  machineId: 'atlas',
  enabled: true,
  status: 'online',
  ageS: 4,
  staleAfterS: 35,
  cores: 8,
  cpuPct: 20,
  load5: 1,
  memUsedPct: 40,
  filesystems: [{ mount: '/', usedPct: 50, inodesUsedPct: 10 }],
  redSources: [],
  dueSources: 4,
}

test('a quiet fresh machine is healthy and has no issue', () => {
  expect(machineHealth(well)).toMatchObject({ score: 1, severity: 'healthy', topIssue: null })
})

test('a never-seen machine is near zero and says so', () => {
  const health = machineHealth({
    ...well,
    status: 'unknown',
    ageS: null,
    cpuPct: null,
    load5: null,
    memUsedPct: null,
    filesystems: [],
    dueSources: 0,
  })
  expect(health.score).toBeLessThanOrEqual(0.05)
  expect(health.topIssue).toBe('not looked at yet')
})

test('a machine whose sources were asked in vain was never reached', () => {
  expect(machineHealth({ ...well, status: 'unknown', ageS: null, dueSources: 3 }).topIssue).toBe('never reached')
})

test('one full disk is not averaged away', () => {
  const health = machineHealth({ ...well, filesystems: [{ mount: '/data', usedPct: 98.5, inodesUsedPct: 1 }] })
  expect(health.severity).toBe('critical')
  expect(health.topIssue).toBe('/data 99 % full')
})

test('old data is not healthy data', () => {
  expect(machineHealth({ ...well, ageS: 200 }).severity).toBe('critical')
  expect(machineHealth({ ...well, ageS: 200 }).topIssue).toBe('last answer 3 min ago')
})

test('a machine that is late as a whole says so once, not once per source', () => {
  const late = ['probe', 'tmux', 'git', 'claude'].map((source) => ({ source, why: 'stale', late: true }))
  for (const ageS of [60, 10_900]) {
    const health = machineHealth({ ...well, ageS, status: 'degraded', redSources: late })
    expect(health.topIssue).toBe(ageS === 60 ? 'last answer 60 s ago' : 'last answer 3 h ago')
  }
  const one = machineHealth({ ...well, status: 'degraded', redSources: late.slice(0, 1) })
  expect(one.topIssue).toBe('probe: stale')
  const failed = [{ source: 'git', why: 'bad_output', late: false }]
  expect(machineHealth({ ...well, ageS: 60, redSources: [...late.slice(0, 3), ...failed] }).topIssue).toContain(
    'git: bad_output',
  )
})

test('what makes a machine degraded is said, also where its score hardly suffers', () => {
  const red = [{ source: 'git', why: 'exit_code', late: false }]
  const degraded = machineHealth({ ...well, status: 'degraded', dueSources: 30, redSources: red })
  expect(degraded).toMatchObject({ severity: 'healthy', topIssue: 'git: exit_code' })
  const late = ['probe', 'tmux'].map((source) => ({ source, why: 'stale', late: true }))
  expect(machineHealth({ ...well, ageS: 36, status: 'degraded', dueSources: 30, redSources: late }).topIssue).toBe(
    'last answer 36 s ago',
  )
})

test('one reason of many sources is said once', () => {
  const red = ['beads', 'caam', 'cass', 'git'].map((source) => ({ source, why: 'unreachable (refused)', late: false }))
  const both = [...red, { source: 'tmux', why: 'timeout', late: false }]
  expect(machineHealth({ ...well, status: 'degraded', dueSources: 5, redSources: both }).topIssue).toBe(
    'beads, caam, cass and 1 more: unreachable (refused); tmux: timeout',
  )
})

test('what is not measured is left out, not counted as zero', () => {
  expect(machineHealth({ ...well, cpuPct: null, load5: null }).score).toBe(1)
})

test('the fleet is held down by its worst machine; an empty fleet is not healthy', () => {
  const sick = machineHealth({ ...well, machineId: 'borg', status: 'offline', ageS: 900 })
  expect(fleetHealth([machineHealth(well), machineHealth(well), sick]).score).toBeLessThan(0.6)
  expect(fleetHealth([])).toEqual({ score: 0, severity: 'critical' })
})

test('sources that are not there are not counted as up, and say why they are no trouble', () => {
  const evidenceOf = (...faults: readonly (Fault | null)[]) => {
    const sources = faults.map((fault) => ({ up: fault === null, fault }))
    const { factors } = machineHealth({ ...well, dueSources: sources.length, sources })
    return factors.find(({ factor }) => factor === 'collectors')
  }
  expect(evidenceOf(null, null)).toMatchObject({ score: 1, evidence: 'all 2 sources up' })
  expect(evidenceOf(null, 'tool_missing', 'tool_missing', 'not_configured', 'cancelled')).toMatchObject({
    score: 1,
    evidence: '1 source up, 2 not there (tool missing), 1 with nothing to look at, 1 cut off',
  })
})
