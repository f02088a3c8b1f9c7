import { ageWords } from '../age-words.ts'
import type { MachineView } from '../fleet-picture.ts'
import { isSilent } from '../health.ts'
import type { Finding, Rule } from '../rule.ts'
import { EVERY_SOURCE, endsNothing, isTransportFault, redReason } from '../status.ts'

const STEADY_FAILURES = 3

/**
 * A cockpit that slept, was stopped or starts anew finds everything late at its first look, and has asked nobody yet: what
 * is late must stay so while vc looks.
 */
const LATE_HOLD_MS = 2 * 60_000

const hangs = (m: MachineView): Finding[] => {
  const failures = Math.max(
    ...m.sources.map(({ fault, consecutiveFailures }) => (fault === 'timeout' ? consecutiveFailures : 0)),
  )
  if (failures < STEADY_FAILURES) return []
  const title = `${m.machineId} lets vc in, but ends no script in time`
  const evidence = { fault: 'timeout', failures, last_answer_age_s: m.ageS }
  return [{ machineId: m.machineId, subject: EVERY_SOURCE, severity: 'warning', title, evidence }]
}

/** Nothing of it is heard and nothing failed: no source is to blame. */
const silent = (m: MachineView): Finding => ({
  machineId: m.machineId,
  subject: EVERY_SOURCE,
  severity: 'warning',
  title: `nothing was heard of ${m.machineId} for ${ageWords(m.ageS ?? 0)}, though nothing failed`,
  evidence: { late: m.redSources.length, last_answer_age_s: m.ageS },
  holdMs: LATE_HOLD_MS,
})

/** A source that should answer does not. Sources of an unreachable machine are one alert of the machine, not thirty. */
export const collectorRed: Rule<MachineView> = {
  id: 'collector_red',
  about: 'a source failed three times in a row, or missed three turns and two minutes more, on a machine that answers',
  holdMs: 0,
  clearMs: 0,
  judge(m) {
    if (!m.enabled || m.transportFailures > 0) return []
    if (endsNothing(m.sources)) return hangs(m)
    if (isSilent(m)) return [silent(m)]
    return m.sources.flatMap((source) => {
      const why = redReason(source)
      const steady = source.up || source.consecutiveFailures >= STEADY_FAILURES || source.fault === 'persist_failed'
      if (why === null || !steady || isTransportFault(source.fault, source.bytes)) return []
      return [
        {
          machineId: m.machineId,
          subject: source.source,
          severity: 'warning' as const,
          title: `${source.source} on ${m.machineId}: ${why}`,
          evidence: {
            fault: source.fault,
            failures: source.consecutiveFailures,
            ok_age_s: source.okAgeS,
            interval_s: source.intervalS,
          },
          ...(source.up ? { holdMs: LATE_HOLD_MS } : {}),
        },
      ]
    })
  },
}
