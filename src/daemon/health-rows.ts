import type { Row } from '../core/rows.ts'
import type { FleetPicture, MachineState } from '../queries/picture.ts'

/** A score that moves less than this, within its severity, is the same score. */
const STEP = 0.05

/** What of a judgement was last written, so that only changes are. */
export interface Written {
  /** By machine and factor. */
  readonly factors: Map<string, { readonly score: number | null }>
  readonly summaries: Map<string, { readonly score: number; readonly word: string }>
}

const factorKey = (machineId: string, factor: string): string => `${machineId}\u0000${factor}`

const moved = (before: number | null, now: number | null): boolean =>
  before === null || now === null ? before !== now : Math.abs(before - now) >= STEP || (before === 1) !== (now === 1)

const summaryWord = ({ health, view }: MachineState): string =>
  [health.severity, view.status, worstOf(health.factors)?.factor ?? ''].join(' ')

/** The factor that holds a machine down; null when nothing is wrong. */
export const worstOf = (
  factors: MachineState['health']['factors'],
): MachineState['health']['factors'][number] | null => {
  const worst = factors[0]
  return worst === undefined || worst.score === null || worst.score >= 0.95 ? null : worst
}

const factorRow = (
  machineId: string,
  factor: {
    readonly factor: string
    readonly score: number | null
    readonly weight: number
    readonly evidence: string
  },
  at: Date,
): Row => ({
  machine_id: machineId,
  factor: factor.factor,
  score: factor.score,
  weight: factor.weight,
  evidence: factor.evidence,
  changed_at: at,
})

/** Rows of `health_factors` that changed; a factor that vanished (a filesystem was unmounted) becomes unknown. */
const factorRows = (machines: readonly MachineState[], { factors: written }: Written, at: Date): readonly Row[] => {
  const rows: Row[] = []
  const seen = new Set<string>()
  for (const { view, health } of machines)
    for (const factor of health.factors) {
      const key = factorKey(view.machineId, factor.factor)
      seen.add(key)
      const before = written.get(key)
      if (before !== undefined && !moved(before.score, factor.score)) continue
      rows.push(factorRow(view.machineId, factor, at))
      written.set(key, { score: factor.score })
    }
  for (const [key, { score }] of written) {
    if (seen.has(key) || score === null) continue
    const [machineId = '', factor = ''] = key.split('\u0000')
    rows.push(factorRow(machineId, { factor, score: null, weight: 0, evidence: 'no longer seen' }, at))
    written.set(key, { score: null })
  }
  return rows
}

const summaryRows = (machines: readonly MachineState[], { summaries }: Written, at: Date): readonly Row[] =>
  machines.flatMap((machine) => {
    const { view, health } = machine
    const before = summaries.get(view.machineId)
    const word = summaryWord(machine)
    if (before !== undefined && before.word === word && !moved(before.score, health.score)) return []
    summaries.set(view.machineId, { score: health.score, word })
    const worst = worstOf(health.factors)
    return [
      {
        machine_id: view.machineId,
        score: health.score,
        severity: health.severity,
        status: view.status,
        worst_factor: worst?.factor ?? null,
        worst_evidence: worst?.evidence ?? null,
        changed_at: at,
      },
    ]
  })

/** What changed in the health of the fleet since it was last written; `written` is brought up to it. */
export const healthRows = (
  picture: Pick<FleetPicture, 'machines'>,
  written: Written,
  at: Date,
): { readonly factors: readonly Row[]; readonly summaries: readonly Row[] } => ({
  factors: factorRows(picture.machines, written, at),
  summaries: summaryRows(picture.machines, written, at),
})

/** What the store holds already, after a restart. */
export const writtenBefore = (
  factors: readonly { readonly machine_id: string; readonly factor: string; readonly score: number | null }[],
  summaries: readonly {
    readonly machine_id: string
    readonly score: number
    readonly severity: string
    readonly status: string
    readonly worst_factor: string | null
  }[],
): Written => ({
  factors: new Map(factors.map((row) => [factorKey(row.machine_id, row.factor), { score: row.score }])),
  summaries: new Map(
    summaries.map((row) => [
      row.machine_id,
      { score: row.score, word: [row.severity, row.status, row.worst_factor ?? ''].join(' ') },
    ]),
  ),
})
