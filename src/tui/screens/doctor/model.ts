import type { collectors } from '../../../queries/collectors.ts'
import type { doctor } from '../../../queries/doctor.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Doctor = DataOf<typeof doctor>
type Collectors = DataOf<typeof collectors>
export type Finding = Doctor['findings'][number]
type Collector = Collectors['collectors'][number]

/** How the collectors of one machine stand, in counts. */
export interface MachineLooks {
  readonly machine: string
  readonly ok: number
  readonly failing: readonly Collector[]
  /** Their tools are not there: no trouble. */
  readonly absent: number
  readonly never: number
}

export interface FindingSeen {
  readonly id: string
  readonly finding: Finding
}

export interface DoctorModel {
  readonly findings: readonly FindingSeen[]
  readonly allFindings: number
  readonly selected: FindingSeen | null
  readonly looks: readonly MachineLooks[]
}

export const doctorAsks = (): readonly ScreenAsk[] => [
  { as: 'doctor', topic: 'doctor', everyMs: 5_000 },
  { as: 'collectors', topic: 'collectors', params: { limit: 100_000 }, everyMs: 10_000 },
]

const isFailing = (one: Collector): boolean =>
  one.absent.length === 0 && one.fault !== null && one.fault !== 'not_configured' && one.fault !== 'tool_missing'

const looksOf = ([machine, all]: readonly [string, readonly Collector[]]): MachineLooks => ({
  machine,
  ok: all.filter((one) => one.absent.length === 0 && one.fault === null && one.last_run !== null).length,
  failing: all.filter(isFailing),
  absent: all.filter((one) => one.absent.length > 0 || one.fault === 'tool_missing').length,
  never: all.filter((one) => one.absent.length === 0 && one.last_run === null).length,
})

export const doctorModel = (view: ScreenView): DoctorModel => {
  const { filter } = view
  const all = dataOf<Doctor>(view, 'doctor')?.findings ?? []
  const findings = all
    .filter(
      (one) =>
        (one.machine === null || onMachine(filter, one.machine)) &&
        found(filter, one.machine, one.topic, one.says, one.fix),
    )
    .map((finding) => ({ id: [finding.machine ?? '', finding.topic, finding.says.slice(0, 60)].join(' '), finding }))
  const collectors = (dataOf<Collectors>(view, 'collectors')?.collectors ?? []).filter((one) =>
    onMachine(filter, one.machine),
  )
  return {
    findings,
    allFindings: all.length,
    selected: findings.find((one) => one.id === view.chosen.findings) ?? findings[0] ?? null,
    looks: [...Map.groupBy(collectors, (one) => one.machine)]
      .map(looksOf)
      .sort((a, b) => b.failing.length - a.failing.length || a.machine.localeCompare(b.machine)),
  }
}
