import type { MachineSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const GIB = 1024 ** 3

/** An agent whose parent is gone and that no terminal shows: nobody will ever talk to it again. */
export const orphansMemory: Rule<MachineSignals> = {
  id: 'orphans_memory',
  about: 'agent processes without parent and terminal hold more than 1 GiB',
  holdMs: 10 * 60_000,
  clearMs: 60_000,
  judge({ machine, orphans }) {
    if (orphans === null || orphans.rssBytes <= GIB) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'orphans',
        severity: 'warning',
        title: `${orphans.processes} orphaned agents on ${machineId} hold ${(orphans.rssBytes / GIB).toFixed(1)} GiB`,
        evidence: { processes: orphans.processes, rss_bytes: orphans.rssBytes },
      },
    ]
  },
}
