import type { MachineView } from '../fleet-picture.ts'
import type { Finding, Rule, Standing } from '../rule.ts'

const CRITICAL_FREE_PCT = 10
const WARNING_FREE_PCT = 15

/** What is firing lets go only above this much more. */
const LETS_GO_PCT = 1

const judgeShare = (m: MachineView, what: string, usedPct: number | null, stands: Standing): Finding[] => {
  if (usedPct === null) return []
  const freePct = 100 - usedPct
  if (freePct >= WARNING_FREE_PCT + (stands(what) ? LETS_GO_PCT : 0)) return []
  const severity = freePct < CRITICAL_FREE_PCT ? 'critical' : 'warning'
  return [
    {
      machineId: m.machineId,
      subject: what,
      severity,
      title: `${m.machineId} ${what} has ${freePct.toFixed(1)} % free`,
      evidence: {
        free_pct: Number(freePct.toFixed(2)),
        critical_below_pct: CRITICAL_FREE_PCT,
        warning_below_pct: WARNING_FREE_PCT,
      },
    },
  ]
}

/** Bytes or inodes of a filesystem run out. */
export const disk: Rule<MachineView> = {
  id: 'disk_low',
  about: 'a filesystem has less than 15 % (critical: 10 %) of its bytes or inodes free',
  holdMs: 0,
  clearMs: 60_000,
  judge: (m, stands) =>
    m.enabled && m.status !== 'offline'
      ? m.filesystems.flatMap((fs) => [
          ...judgeShare(m, fs.mount, fs.usedPct, stands),
          ...judgeShare(m, `${fs.mount} inodes`, fs.inodesUsedPct, stands),
        ])
      : null,
}
