import type { FleetSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576)

/** Looking must be cheap, and vc says so itself when it is not. */
export const ownCost: Rule<FleetSignals> = {
  id: 'own_cost',
  about: 'vc itself uses more of the processor or memory than alerts.self_cpu_pct and alerts.self_rss_mb allow',
  holdMs: 5 * 60_000,
  clearMs: 60_000,
  judge({ self, selfLimits }) {
    if (self === null) return null
    const found = (subject: string, title: string, evidence: Record<string, unknown>) => ({
      machineId: null,
      subject,
      severity: 'warning' as const,
      title,
      evidence,
    })
    const { cpuPct, rssBytes, minutes } = self
    return [
      ...(cpuPct !== null && cpuPct > selfLimits.cpuPct
        ? [
            found('cpu', `vc itself used ${cpuPct.toFixed(0)} % of a core over ${Math.round(minutes)} minutes`, {
              cpu_pct: Number(cpuPct.toFixed(1)),
              above_pct: selfLimits.cpuPct,
            }),
          ]
        : []),
      ...(rssBytes > selfLimits.rssBytes
        ? [
            found('memory', `vc itself holds ${megabytes(rssBytes)} MB`, {
              rss_bytes: rssBytes,
              above_bytes: selfLimits.rssBytes,
            }),
          ]
        : []),
    ]
  },
}
