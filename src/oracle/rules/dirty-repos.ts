import type { MachineSignals } from '../alert-signals.ts'
import { sourceSays } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const DIRTY = 10

export const dirtyRepos: Rule<MachineSignals> = {
  id: 'dirty_repos',
  about: 'more than 10 repositories of a machine hold changes that are not committed',
  holdMs: 10 * 60_000,
  clearMs: 0,
  judge({ machine, dirtyRepos: dirty }) {
    if (sourceSays(machine, ['git', 'ru']) === 'red') return null
    if (dirty <= DIRTY) return []
    const { machineId } = machine
    return [
      {
        machineId,
        subject: 'repos',
        severity: 'info',
        title: `${dirty} repositories on ${machineId} hold uncommitted changes`,
        evidence: { dirty, above: DIRTY },
      },
    ]
  },
}
