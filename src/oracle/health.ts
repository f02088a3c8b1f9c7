import { ageWords } from './age-words.ts'

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
}

export type MachineStatus = 'online' | 'degraded' | 'offline' | 'unknown'

export interface HealthFactor {
  readonly factor: 'freshness' | 'cpu' | 'memory' | 'disk' | 'collectors'
  /** 0-1; null when there is nothing to judge by. */
  readonly score: number | null
  readonly weight: number
  readonly evidence: string
}

export interface MachineHealth {
  readonly machineId: string
  readonly score: number
  readonly severity: HealthSeverity
  readonly factors: readonly HealthFactor[]
  /** The worst factor in words, or null when nothing is wrong. */
  readonly topIssue: string | null
}

export type HealthSeverity = 'healthy' | 'warning' | 'critical'

/** Falls from 1 at `good` to 0 at `bad`, straight in between. */
const ramp = (value: number, good: number, bad: number): number =>
  Math.min(1, Math.max(0, (bad - value) / (bad - good)))

const whole = (value: number): string => String(Math.round(value))

const freshness = (m: MachinePicture): HealthFactor => {
  if (m.ageS === null) return { factor: 'freshness', score: 0, weight: 3, evidence: 'never reached' }
  const score = m.status === 'offline' ? 0 : ramp(m.ageS, m.staleAfterS, m.staleAfterS * 4)
  const answered = `last answer ${ageWords(m.ageS)} ago`
  const evidence = m.status === 'offline' ? `unreachable, ${answered}` : answered
  return { factor: 'freshness', score, weight: 3, evidence }
}

const cpu = (m: MachinePicture): HealthFactor => {
  const perCore = m.load5 !== null && m.cores ? m.load5 / m.cores : null
  const scores = [m.cpuPct === null ? null : ramp(m.cpuPct, 85, 130), perCore === null ? null : ramp(perCore, 1.5, 6)]
  const known = scores.filter((score) => score !== null)
  const evidence = [
    m.cpuPct === null ? null : `CPU ${whole(m.cpuPct)} %`,
    perCore === null ? null : `load5 ${perCore.toFixed(1)} per core`,
  ]
  return {
    factor: 'cpu',
    score: known.length ? Math.min(...known) : null,
    weight: 1,
    evidence: evidence.filter((part) => part !== null).join(', ') || 'not measured yet',
  }
}

const memory = (m: MachinePicture): HealthFactor => ({
  factor: 'memory',
  score: m.memUsedPct === null ? null : ramp(m.memUsedPct, 85, 100),
  weight: 1.5,
  evidence: m.memUsedPct === null ? 'not measured yet' : `memory ${whole(m.memUsedPct)} % used`,
})

const disk = (m: MachinePicture): HealthFactor => {
  const fullest = m.filesystems
    .flatMap((fs) => [
      { what: fs.mount, pct: fs.usedPct },
      { what: `${fs.mount} inodes`, pct: fs.inodesUsedPct },
    ])
    .filter((fs): fs is { what: string; pct: number } => fs.pct !== null)
    .sort((a, b) => b.pct - a.pct)[0]
  if (!fullest) return { factor: 'disk', score: null, weight: 2, evidence: 'no filesystem seen yet' }
  return {
    factor: 'disk',
    score: ramp(fullest.pct, 80, 98),
    weight: 2,
    evidence: `${fullest.what} ${whole(fullest.pct)} % full`,
  }
}

/** Nothing of it answered in time, and nothing else is wrong with its sources: nobody asked, or it hangs. */
export const isSilent = (m: Pick<MachinePicture, 'ageS' | 'staleAfterS' | 'redSources'>): boolean =>
  m.ageS !== null && m.ageS > m.staleAfterS && m.redSources.length > 0 && m.redSources.every((red) => red.late)

const collectors = (m: MachinePicture): HealthFactor => {
  if (m.dueSources === 0) return { factor: 'collectors', score: null, weight: 1, evidence: 'no source has run yet' }
  // When the machine as a whole is late, freshness has said so, once.
  if (isSilent(m))
    return { factor: 'collectors', score: null, weight: 1, evidence: `${m.redSources.length} sources as late as it is` }
  const named = m.redSources.map((red) => `${red.source}: ${red.why}`).join('; ')
  return {
    factor: 'collectors',
    score: 1 - m.redSources.length / m.dueSources,
    weight: 1,
    evidence: named || `all ${m.dueSources} sources up`,
  }
}

/** Below these a machine, or the fleet, is no longer healthy, and then no longer only a warning. */
export const HEALTHY_FROM = 0.8
export const WARNING_FROM = 0.5

export const severityOf = (score: number): HealthSeverity =>
  score >= HEALTHY_FROM ? 'healthy' : score >= WARNING_FROM ? 'warning' : 'critical'

const round = (score: number): number => Math.round(score * 100) / 100

/**
 * Health of one machine in [0,1]: the weighted mean of what is known, held down by its worst factor, so that one full
 * disk is not averaged away. Freshness always counts: what is not seen is not healthy.
 */
export const machineHealth = (picture: MachinePicture): MachineHealth => {
  const factors = [freshness(picture), cpu(picture), memory(picture), disk(picture), collectors(picture)]
  const known = factors.filter((f): f is HealthFactor & { score: number } => f.score !== null)
  const weights = known.reduce((sum, f) => sum + f.weight, 0)
  const mean = known.reduce((sum, f) => sum + f.score * f.weight, 0) / weights
  const worst = known.reduce((low, f) => (f.score < low.score ? f : low))
  const fresh = known.find((f) => f.factor === 'freshness')?.score ?? 0
  const score = round(Math.min(mean, 0.4 + 0.6 * worst.score, 0.05 + 0.95 * fresh))
  return {
    machineId: picture.machineId,
    score,
    severity: severityOf(score),
    factors,
    topIssue: worst.score < 0.95 ? worst.evidence : null,
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
