import { AGENT_CLIS, type AgentCli, type AgentVerdict, type Sighting } from '../core/agent.ts'
import { VcError } from '../core/errors.ts'
import { decide } from '../oracle/agent-state.ts'
import { bundleSightings } from './explain-sightings.ts'

/** One object of contract `evidence-bundle.md`; members are checked where they are read. */
export type EvidenceBundle = Readonly<Record<string, unknown>>

export interface JudgedSighting {
  readonly source: string
  readonly tier: string
  readonly says: string
  readonly rule: string
  readonly reason: string | null
  readonly as_of: string
}

export interface BundleVerdict {
  readonly state: AgentVerdict['state']
  readonly rule: string
  readonly reason?: string
  readonly since?: string
  readonly until?: string
  readonly winner: JudgedSighting | null
  readonly losers: readonly JudgedSighting[]
  /** Seconds between each source's own time and the capture. */
  readonly ages: Readonly<Record<string, number>>
}

const fix = 'pass one JSON object as printed by `vc explain <agent> --json`'

/** The bundle in a file's text. Throws `bad_bundle` with the member that is wrong. */
export function parseBundle(text: string): EvidenceBundle {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new VcError('bad_bundle', 'the evidence file is not JSON', fix, { exitCode: 2, cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VcError('bad_bundle', 'the evidence file holds no JSON object', fix, { exitCode: 2 })
  }
  const bundle = value as EvidenceBundle
  cliOf(bundle)
  capturedAt(bundle)
  return bundle
}

export const cliOf = (bundle: EvidenceBundle): AgentCli => {
  const cli = AGENT_CLIS.find((name) => name === bundle.cli)
  if (cli === undefined)
    throw new VcError('bad_bundle', `member "cli" must be one of ${AGENT_CLIS.join(', ')}`, fix, { exitCode: 2 })
  return cli
}

export const capturedAt = (bundle: EvidenceBundle): Date => {
  const at = new Date(typeof bundle.captured_at === 'string' ? bundle.captured_at : Number.NaN)
  if (Number.isNaN(at.getTime()))
    throw new VcError('bad_bundle', 'member "captured_at" must be an ISO time', fix, { exitCode: 2 })
  return at
}

export const judgedSighting = (sighting: Sighting): JudgedSighting => ({
  source: sighting.source,
  tier: sighting.tier,
  says: sighting.says,
  rule: sighting.rule,
  reason: sighting.reason,
  as_of: sighting.asOf.toISOString(),
})

/** Judges a bundle offline, from its evidence alone: labels a sample may carry are never read. */
export function judgeBundle(bundle: EvidenceBundle): BundleVerdict {
  const now = capturedAt(bundle)
  const sightings = bundleSightings(bundle, cliOf(bundle), now)
  const verdict = decide(sightings, { now })
  return {
    state: verdict.state,
    rule: verdict.rule,
    ...(verdict.reason === null ? {} : { reason: verdict.reason }),
    ...(verdict.since === null ? {} : { since: verdict.since.toISOString() }),
    ...(verdict.until === null ? {} : { until: verdict.until.toISOString() }),
    winner: verdict.winner === null ? null : judgedSighting(verdict.winner),
    losers: verdict.losers.map(judgedSighting),
    ages: Object.fromEntries(
      sightings.map((sighting) => [sighting.source, Math.round((now.getTime() - sighting.asOf.getTime()) / 1000)]),
    ),
  }
}
