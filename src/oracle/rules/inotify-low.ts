import type { MachineSignals } from '../alert-signals.ts'
import type { Finding, Rule } from '../rule.ts'

/** A repository with dependencies needs tens of thousands of watches, and each agent watches its own. */
const LOW_WATCHES = 16_384

/** How many watches are in use cannot be read without root, so the limit itself and its symptom are judged. */
export const inotifyLow: Rule<MachineSignals> = {
  id: 'inotify_low',
  about: 'the limit of file watches is below 16384 where agents work, or an agent met ENOSPC within the last hour',
  holdMs: 0,
  clearMs: 5 * 60_000,
  judge({ machine, system, agents, enospcSessions }) {
    const { machineId } = machine
    const watches = system?.inotifyMaxWatches ?? null
    const finding = (subject: string, severity: Finding['severity'], title: string): Finding => ({
      machineId,
      subject,
      severity,
      title,
      evidence: { inotify_max_watches: watches, sessions_with_enospc: enospcSessions },
    })
    const low = watches !== null && watches < LOW_WATCHES && agents.length > 0
    return [
      ...(low
        ? [
            finding(
              'watches',
              'info',
              `${machineId} allows only ${watches} file watches: sysctl fs.inotify.max_user_watches`,
            ),
          ]
        : []),
      ...(enospcSessions > 0
        ? [finding('enospc', 'warning', `an agent on ${machineId} met ENOSPC: no watches or no space left`)]
        : []),
    ]
  },
}
