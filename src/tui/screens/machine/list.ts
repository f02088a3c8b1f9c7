import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan } from '../../view/age.ts'
import { aged } from '../../view/aged.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { constellation } from '../../view/constellation.ts'
import { span } from '../../view/line.ts'
import { listRows } from '../../view/list-rows.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { machineSign } from '../../view/state-sign.ts'
import type { MachineLine, MachineModel } from './model.ts'

const COLUMNS: readonly Column<MachineLine>[] = [
  { head: ' ', of: (one) => machineSign(one.stale && one.status === 'online' ? 'degraded' : one.status), keep: 1000 },
  { head: 'MACHINE', of: (one) => span(one.id, 'strong'), least: 7, most: 16, keep: 1000 },
  { head: 'AGENTS', of: (one) => constellation(one.agents, 9).map((part) => aged(part, one.stale)), least: 6, keep: 80 },
  { head: 'AGE', align: 'right', of: (one) => (one.stale ? ageSpan(one.age_s, 0) : span('')), least: 5, keep: 70 },
] // biome-ignore format: a table

/** All machines beside the one that is shown. */
export const machineList = (model: MachineModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.machines
  const table = columns(model.machines, COLUMNS, innerWidth(at))
  return {
    kind: 'list',
    id: 'machines',
    title: 'Machines',
    at,
    ...standing(answer),
    empty: emptyWords(
      answer,
      hiddenWords(model.allMachines, 'machines') ?? {
        why: 'No machine is configured.',
        fill: 'vc machines add <id> <ssh target>',
      },
    ),
    head: table.head,
    rows: listRows(model.machines, (one) => one.id, table),
  }
}
