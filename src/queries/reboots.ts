import type { MachineState } from './picture.ts'

/** When the machine was started, by the clock here; null where how long it is up is not known. */
export const bootedAt = ({ sys }: Pick<MachineState, 'sys'>): Date | null =>
  sys === null || sys.uptime_s === null ? null : new Date(Date.parse(sys.collected_at) - sys.uptime_s * 1000)

const LATELY_MS = 24 * 3_600_000

/** When it was started anew while vc knew it, within a day before `now`. */
export const rebootedAt = (m: Pick<MachineState, 'sys' | 'machine'>, now: Date): Date | null => {
  const booted = bootedAt(m)
  if (booted === null || booted.getTime() <= Date.parse(m.machine.first_seen_at)) return null
  return now.getTime() - booted.getTime() > LATELY_MS ? null : booted
}

type System = Pick<MachineState['machine'], 'os_version' | 'kernel'>

const changed = (what: string, before: string | null, now: string | null): string[] =>
  before === null || now === null || before === now ? [] : [`${what} ${before} → ${now}`]

/** What of its system is another one: `kernel 6.1.0 → 6.8.0`. */
export const systemChanges = (before: System, now: System): readonly string[] => [
  ...changed('system', before.os_version, now.os_version),
  ...changed('kernel', before.kernel, now.kernel),
]

/** How long ago a system is compared with. */
export const dayBefore = (now: Date): Date => new Date(now.getTime() - LATELY_MS)
