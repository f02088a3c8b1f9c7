import type { Fault } from '../core/faults.ts'
import { ageWords } from './age-words.ts'
import { counted } from './counted.ts'
import { severityRamp as ramp } from './health-ramp.ts'
import { type MachineStrain, type StrainFactorName, strainFactors } from './health-strain.ts'

/** What the health of one machine is judged by. Nulls are unknown, never zero. */
export interface MachinePicture {
  readonly machineId: string
  readonly enabled: boolean
  readonly status: MachineStatus
  /** Seconds since the machine last answered; null = never. */
  readonly ageS: number | null
  /** Seconds after which its live data counts as stale. */
  readonly staleAfterS: number
  readonly cores: number | null
  readonly cpuPct: number | null
  readonly load5: number | null
  readonly memUsedPct: number | null
  readonly filesystems: readonly {
    readonly mount: string
    readonly usedPct: number | null
    readonly inodesUsedPct: number | null
  }[]
  /** Sources that are due on this machine and answered badly, or well but not in time (`late`). */
  readonly redSources: readonly { readonly source: string; readonly why: string; readonly late: boolean }[]
  readonly dueSources: number
  /** How these stand; absent: only how many there are is known. */
  readonly sources?: readonly { readonly up: boolean; readonly fault: Fault | null }[] | undefined
  /** It lets vc in and ends no script in time. */
  readonly hangs?: boolean | undefined
  /** Absent where only the meters are known. */
  readonly strain?: MachineStrain | undefined
}

export type MachineStatus = 'online' | 'degraded' | 'offline' | 'unknown'

export interface HealthFactor {
  /** `disk` is the fullest filesystem; the others are `disk:<mount>`. */
  readonly factor: 'freshness' | 'cpu' | 'load' | 'memory' | 'disk' | `disk:${string}` | 'collectors' | StrainFactorName
  /** 0-1; null when there is nothing to judge by. */
  readonly score: number | null
  readonly weight: number
  readonly evidence: string
}

type JudgedFactor = HealthFactor & { readonly score: number }

export interface MachineHealth {
  readonly machineId: string
  readonly score: number
  readonly severity: HealthSeverity
  /** The worst first; those with nothing to judge by last. */
  readonly factors: readonly HealthFactor[]
  /** The worst factor in words, or null when nothing is wrong. */
  readonly topIssue: string | null
}

export type HealthSeverity = 'healthy' | 'warning' | 'critical'

const whole = (value: number): string => String(Math.round(value))

/** No look at it has ended yet, be it well or badly. */
export const isUnseen = (m: Pick<MachinePicture, 'ageS' | 'dueSources'>): boolean =>
  m.ageS === null && m.dueSources === 0

const freshness = (m: MachinePicture): JudgedFactor => {
  const unknown = isUnseen(m) ? 'not looked at yet' : 'never reached'
  if (m.ageS === null) return { factor: 'freshness', score: 0, weight: 3, evidence: unknown }
  const score = m.status === 'offline' ? 0 : ramp(m.ageS, m.staleAfterS, m.staleAfterS * 4)
  const answered = `last answer ${ageWords(m.ageS)} ago`
  const evidence = m.status === 'offline' ? `unreachable, ${answered}` : answered
  return { factor: 'freshness', score, weight: 3, evidence }
}

const cpu = (m: MachinePicture): HealthFactor => ({
  factor: 'cpu',
  score: m.cpuPct === null ? null : ramp(m.cpuPct, 85, 130),
  weight: 0.5,
  evidence: m.cpuPct === null ? 'not measured yet' : `CPU ${whole(m.cpuPct)} %`,
})

const load = (m: MachinePicture): HealthFactor => {
  const perCore = m.load5 !== null && m.cores ? m.load5 / m.cores : null
  return {
    factor: 'load',
    score: perCore === null ? null : ramp(perCore, 1.5, 6),
    weight: 0.5,
    evidence: perCore === null ? 'not measured yet' : `load5 ${perCore.toFixed(1)} per core`,
  }
}

const memory = (m: MachinePicture): HealthFactor => ({
  factor: 'memory',
  score: m.memUsedPct === null ? null : ramp(m.memUsedPct, 85, 100),
  weight: 1.5,
  evidence: m.memUsedPct === null ? 'not measured yet' : `memory ${whole(m.memUsedPct)} % used`,
})

/** Space or inodes, whichever is nearer its end. */
const fullerShare = ({ mount, usedPct, inodesUsedPct }: MachinePicture['filesystems'][number]) => {
  if (inodesUsedPct !== null && inodesUsedPct > (usedPct ?? Number.NEGATIVE_INFINITY))
    return { mount, what: `${mount} inodes`, pct: inodesUsedPct }
  return usedPct === null ? null : { mount, what: mount, pct: usedPct }
}

const diskFactors = (m: MachinePicture): readonly HealthFactor[] => {
  const judged = m.filesystems
    .map(fullerShare)
    .filter((share) => share !== null)
    .sort((a, b) => b.pct - a.pct)
  if (judged.length === 0) return [{ factor: 'disk', score: null, weight: 2, evidence: 'no filesystem seen yet' }]
  // The fullest counts: many empty ones beside it make no room there.
  return judged.map((fs, at) => ({
    factor: at === 0 ? 'disk' : `disk:${fs.mount}`,
    score: ramp(fs.pct, 80, 98),
    weight: at === 0 ? 2 : 0.1,
    evidence: `${fs.what} ${whole(fs.pct)} % full`,
  }))
}

/** Nothing of it answered in time, and nothing else is wrong with its sources: nobody asked, or it hangs. */
export const isSilent = (m: Pick<MachinePicture, 'ageS' | 'staleAfterS' | 'redSources'>): boolean =>
  m.ageS !== null && m.ageS > m.staleAfterS && m.redSources.length > 0 && m.redSources.every((red) => red.late)

const NAMED = 3

/** Few names, so that the reason behind them is still read where a line is cut. */
const someOf = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '')

/** What is wrong with its sources, each reason once: a way that broke breaks all of them at once. */
const redWords = ({ redSources }: MachinePicture): string =>
  [...Map.groupBy(redSources, ({ why }) => why)]
    .map(([why, reds]) => `${someOf(reds.map(({ source }) => source))}: ${why}`)
    .join('; ')

/** Those that are not up and no trouble, by why; the rest is told as red. */
const RESTING: readonly (readonly [Fault, string])[] = [
  ['tool_missing', 'not there (tool missing)'],
  ['not_configured', 'with nothing to look at'],
  ['cancelled', 'cut off'],
]

const upWords = ({ dueSources, sources = [] }: MachinePicture): string => {
  const resting = RESTING.map(([fault, words]) => [sources.filter((one) => one.fault === fault).length, words] as const)
  const parts = resting.filter(([n]) => n > 0)
  if (parts.length === 0) return `all ${dueSources} sources up`
  const up = sources.filter((one) => one.up).length
  return [counted(up, 'source up', 'sources up'), ...parts.map(([n, words]) => `${n} ${words}`)].join(', ')
}

const collectors = (m: MachinePicture): HealthFactor => {
  if (m.dueSources === 0) return { factor: 'collectors', score: null, weight: 1, evidence: 'no source has run yet' }
  // When the machine as a whole is late, freshness has said so, once.
  if (isSilent(m))
    return { factor: 'collectors', score: null, weight: 1, evidence: `${m.redSources.length} sources as late as it is` }
  const named = m.hangs ? 'no script ends in time' : redWords(m)
  return {
    factor: 'collectors',
    score: 1 - m.redSources.length / m.dueSources,
    weight: 1,
    evidence: named || upWords(m),
  }
}

/** Below these a machine, or the fleet, is no longer healthy, and then no longer only a warning. */
export const HEALTHY_FROM = 0.8
export const WARNING_FROM = 0.5

export const severityOf = (score: number): HealthSeverity =>
  score >= HEALTHY_FROM ? 'healthy' : score >= WARNING_FROM ? 'warning' : 'critical'

const isJudged = (factor: HealthFactor): factor is JudgedFactor => factor.score !== null

const round = (score: number): number => Math.round(score * 100) / 100

/** Whatever makes it degraded is said, however little its score suffers. */
const leastWords = (m: MachinePicture): string | null => {
  if (m.redSources.length === 0) return null
  return (isSilent(m) ? freshness(m) : collectors(m)).evidence
}

/**
 * Health of one machine in [0,1]: the weighted mean of what is known, held down by its worst factor, so that one full
 * disk is not averaged away. Freshness always counts: what is not seen is not healthy.
 */
export const machineHealth = (picture: MachinePicture): MachineHealth => {
  const fresh = freshness(picture)
  const factors: HealthFactor[] = [
    fresh,
    cpu(picture),
    load(picture),
    memory(picture),
    ...diskFactors(picture),
    collectors(picture),
    ...(picture.strain === undefined ? [] : strainFactors(picture.strain)),
  ]
  let [weights, sum, worst] = [0, 0, fresh]
  for (const factor of factors) {
    if (!isJudged(factor)) continue
    weights += factor.weight
    sum += factor.score * factor.weight
    if (factor.score < worst.score) worst = factor
  }
  const score = round(Math.min(sum / weights, 0.4 + 0.6 * worst.score, 0.05 + 0.95 * fresh.score))
  return {
    machineId: picture.machineId,
    score,
    severity: severityOf(score),
    factors: factors.sort((a, b) => (a.score ?? 2) - (b.score ?? 2)),
    topIssue: worst.score < 0.95 ? worst.evidence : leastWords(picture),
  }
}

/** The fleet is as healthy as its mean, held down by its worst machine. An empty fleet has nothing to be healthy about. */
export const fleetHealth = (machines: readonly MachineHealth[]): { score: number; severity: HealthSeverity } => {
  if (machines.length === 0) return { score: 0, severity: 'critical' }
  const mean = machines.reduce((sum, m) => sum + m.score, 0) / machines.length
  const worst = Math.min(...machines.map((m) => m.score))
  const score = round(Math.min(mean, 0.5 + 0.5 * worst))
  return { score, severity: severityOf(score) }
}
