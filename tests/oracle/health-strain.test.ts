import { expect, test } from 'vitest'
import { type MachinePicture, machineHealth } from '../../src/oracle/health.ts'
import { type MachineStrain, strainFactors } from '../../src/oracle/health-strain.ts'

const calm: MachineStrain = {
  swapUsedPct: 10, swapPagesPerS: 0, pressure: [{ resource: 'memory', kind: 'full', pct: 0 }], agents: { total: 4, stuck: [] }, denials1h: 0,
  mail: { unread: 2, unacked: 0, oldestUnackedS: null }, triage: { critical: 0, high: 0, all: 1 }, builds: { queued: 0, slotsFree: 4 },
  quota: { what: 'a 5h', usedPct: 20 },
} // biome-ignore format: a table of values

const unknown: MachineStrain = {
  swapUsedPct: null, swapPagesPerS: null, pressure: [], agents: { total: 0, stuck: [] }, denials1h: null, mail: null, triage: null,
  builds: null, quota: null,
} // biome-ignore format: a table of values

const well: MachinePicture = {
  machineId: 'atlas', enabled: true, status: 'online', ageS: 4, staleAfterS: 35, cores: 8, cpuPct: 20, load5: 1, memUsedPct: 40,
  filesystems: [{ mount: '/', usedPct: 50, inodesUsedPct: 10 }, { mount: '/data', usedPct: 70, inodesUsedPct: null }], redSources: [], dueSources: 4,
} // biome-ignore format: a table of values

test('a calm machine loses nothing by being looked at more closely', () => {
  expect(machineHealth({ ...well, strain: calm })).toMatchObject({ score: 1, topIssue: null })
})

test('a source that is not there counts neither well nor badly', () => {
  expect(strainFactors(unknown).every(({ score }) => score === null)).toBe(true)
  expect(machineHealth({ ...well, strain: unknown }).score).toBe(machineHealth(well).score)
})

test('the worst factor is named first with its evidence, unknown ones last, every filesystem has its own', () => {
  const strain = {
    ...calm,
    mail: null,
    pressure: [
      { resource: 'memory', kind: 'full', pct: 45 },
      { resource: 'io', kind: 'some', pct: 99 },
    ],
  }
  const { factors, topIssue, severity } = machineHealth({ ...well, strain })
  expect(factors[0]).toMatchObject({ factor: 'pressure', evidence: 'memory full stalled 45 % of the last minute' })
  expect(topIssue).toBe(factors[0]?.evidence)
  expect(severity).toBe('critical')
  expect(factors.at(-1)).toMatchObject({ factor: 'mail', score: null })
  expect(factors.map(({ factor }) => factor)).toEqual(expect.arrayContaining(['disk', 'disk:/']))
})

test.each<[string, Partial<MachineStrain>, string]>([
  [
    'all its agents are stuck',
    { agents: { total: 1, stuck: ['atlas/claude-a'] } },
    '1 of 1 agents stuck: atlas/claude-a',
  ],
  ['the guard denies a lot', { denials1h: 80 }, '80 commands denied in the last hour'],
  [
    'mail waits for two days',
    { mail: { unread: 3, unacked: 1, oldestUnackedS: 172_800 } },
    '3 messages unread, 1 to acknowledge, the oldest 48.0 h',
  ],
  ['suspicious processes', { triage: { critical: 4, high: 2, all: 9 } }, '9 suspicious processes (4 critical, 2 high)'],
  ['builds queue', { builds: { queued: 18, slotsFree: 0 } }, '18 builds wait, 0 slots free'],
  ['an account is nearly used up', { quota: { what: 'a 5h', usedPct: 99 } }, 'a 5h 99 % used'],
  ['swap is full', { swapUsedPct: 100 }, 'swap 100 % used, 0 pages/s'],
])('%s: a warning, never critical by itself', (_what, over, evidence) => {
  const health = machineHealth({ ...well, strain: { ...calm, ...over } })
  expect(health).toMatchObject({ severity: 'warning', topIssue: evidence })
})

test('swap that is moved all the time is the machine’s own trouble', () => {
  expect(machineHealth({ ...well, strain: { ...calm, swapPagesPerS: 20_000 } }).severity).toBe('critical')
})
