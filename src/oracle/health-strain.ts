import { ageWords } from './age-words.ts'
import { counted } from './counted.ts'
import { severityRamp as ramp } from './health-ramp.ts'

/** What strains a machine beyond its meters. Null: no source tells. */
export interface MachineStrain {
  readonly swapUsedPct: number | null
  readonly swapPagesPerS: number | null
  /** Pressure stall over 60 s, by resource and kind. */
  readonly pressure: readonly { readonly resource: string; readonly kind: string; readonly pct: number }[]
  readonly agents: { readonly total: number; readonly stuck: readonly string[] }
  /** Commands the guard denied in the last hour. */
  readonly denials1h: number | null
  readonly mail: { readonly unread: number; readonly unacked: number; readonly oldestUnackedS: number | null } | null
  readonly triage: { readonly critical: number; readonly high: number; readonly all: number } | null
  readonly builds: { readonly queued: number; readonly slotsFree: number | null } | null
  /** The fullest open window of the accounts seen in use there. */
  readonly quota: { readonly what: string; readonly usedPct: number } | null
  /** Where none is open: the last that was seen. */
  readonly lastWindow?: LastWindow | null | undefined
}

interface LastWindow {
  readonly what: string
  readonly usedPct: number
  /** Null: it is not known to have ended. */
  readonly endedS: number | null
  readonly seenS: number
}

export type StrainFactorName = 'swap' | 'pressure' | 'agents' | 'denials' | 'mail' | 'triage' | 'builds' | 'quota'

interface StrainFactor {
  readonly factor: StrainFactorName
  readonly score: number | null
  readonly weight: number
  readonly evidence: string
}

const whole = (value: number): string => String(Math.round(value))
/** What is not the machine's own trouble never makes it critical alone. */
const soft = (score: number): number => 0.4 + 0.6 * score

const swap = ({ swapUsedPct, swapPagesPerS }: MachineStrain): StrainFactor => {
  const base = { factor: 'swap', weight: 0.5 } as const
  if (swapUsedPct === null) return { ...base, score: null, evidence: 'no swap, or not measured yet' }
  // What was swapped out once and lies there harms nobody: traffic does.
  const traffic = swapPagesPerS === null ? 1 : ramp(swapPagesPerS, 100, 10_000)
  const moved = swapPagesPerS === null ? '' : `, ${whole(swapPagesPerS)} pages/s`
  return {
    ...base,
    score: Math.min(soft(ramp(swapUsedPct, 60, 100)), traffic),
    evidence: `swap ${whole(swapUsedPct)} % used${moved}`,
  }
}

/** Percent of time stalled that is still normal, and that is unbearable, over a minute. */
const STALLS: Readonly<Record<string, readonly [number, number]>> = {
  'memory full': [5, 50],
  'memory some': [15, 90],
  'io full': [25, 95],
  'cpu some': [70, 130],
}

const pressure = ({ pressure: stalls }: MachineStrain): StrainFactor => {
  let worst: { readonly what: string; readonly pct: number; readonly score: number } | null = null
  for (const { resource, kind, pct } of stalls) {
    const what = `${resource} ${kind}`
    const range = STALLS[what]
    if (range === undefined) continue
    const score = ramp(pct, ...range)
    if (worst === null || score < worst.score || (score === worst.score && pct > worst.pct))
      worst = { what, pct, score }
  }
  const base = { factor: 'pressure', weight: 1 } as const
  if (worst === null) return { ...base, score: null, evidence: 'no pressure figures' }
  return { ...base, score: worst.score, evidence: `${worst.what} stalled ${whole(worst.pct)} % of the last minute` }
}

const agents = ({ agents: { total, stuck } }: MachineStrain): StrainFactor => {
  const base = { factor: 'agents', weight: 1 } as const
  if (total === 0) return { ...base, score: null, evidence: 'no agents' }
  const named = stuck.slice(0, 3).join(', ') + (stuck.length > 3 ? ', …' : '')
  return {
    ...base,
    score: soft(1 - stuck.length / total),
    evidence:
      stuck.length === 0 ? `none of ${total} agents is stuck` : `${stuck.length} of ${total} agents stuck: ${named}`,
  }
}

const denials = ({ denials1h }: MachineStrain): StrainFactor => ({
  factor: 'denials',
  weight: 0.5,
  score: denials1h === null ? null : soft(ramp(denials1h, 5, 50)),
  evidence:
    denials1h === null
      ? 'no command guard seen'
      : `${counted(denials1h, 'command', 'commands')} denied in the last hour`,
})

const mail = ({ mail: box }: MachineStrain): StrainFactor => {
  const base = { factor: 'mail', weight: 0.3 } as const
  if (box === null) return { ...base, score: null, evidence: 'no agent mail seen' }
  const hours = (box.oldestUnackedS ?? 0) / 3600
  const waits = box.unacked === 0 ? '' : `, ${box.unacked} to acknowledge, the oldest ${hours.toFixed(1)} h`
  return {
    ...base,
    score: soft(Math.min(ramp(box.unread, 50, 1000), box.unacked === 0 ? 1 : ramp(hours, 2, 48))),
    evidence: `${counted(box.unread, 'message', 'messages')} unread${waits}`,
  }
}

const triage = ({ triage: found }: MachineStrain): StrainFactor => ({
  factor: 'triage',
  weight: 0.5,
  score: found === null ? null : soft(ramp(found.critical * 3 + found.high, 0, 12)),
  evidence:
    found === null
      ? 'no process triage seen'
      : `${counted(found.all, 'suspicious process', 'suspicious processes')} (${found.critical} critical, ${found.high} high)`,
})

const builds = ({ builds: queue }: MachineStrain): StrainFactor => {
  const base = { factor: 'builds', weight: 0.5 } as const
  if (queue === null) return { ...base, score: null, evidence: 'no build queue seen' }
  const free = queue.slotsFree === null ? '' : `, ${queue.slotsFree} slots free`
  return {
    ...base,
    score: soft(ramp(queue.queued, 2, 20)),
    evidence: `${counted(queue.queued, 'build waits', 'builds wait')}${free}`,
  }
}

const lastWindowWords = (last: LastWindow | null): string => {
  if (last === null) return 'no rate-limit window seen here'
  return last.endedS === null
    ? `${last.what} ${whole(last.usedPct)} % used when last seen, ${ageWords(last.seenS)} ago`
    : `no rate-limit window open now; the last one, ${last.what}, ended ${ageWords(last.endedS)} ago`
}

const quota = ({ quota: fullest, lastWindow = null }: MachineStrain): StrainFactor => ({
  factor: 'quota',
  weight: 0.5,
  // The account's trouble, which other machines share: what is wrong with this one goes first.
  score: fullest === null ? null : 0.6 + 0.4 * ramp(fullest.usedPct, 90, 100),
  evidence: fullest === null ? lastWindowWords(lastWindow) : `${fullest.what} ${whole(fullest.usedPct)} % used`,
})

const JUDGES = [swap, pressure, agents, denials, mail, triage, builds, quota]

/** Factors of what strains a machine; those without a source have a null score. */
export const strainFactors = (strain: MachineStrain): readonly StrainFactor[] => JUDGES.map((judge) => judge(strain))
