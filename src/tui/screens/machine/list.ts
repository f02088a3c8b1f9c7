import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan } from '../../view/age.ts'
import { aged } from '../../view/aged.ts'
import type { Column } from '../../view/columns.ts'
import { constellation } from '../../view/constellation.ts'
import { span } from '../../view/line.ts'
import { machineSign } from '../../view/state-sign.ts'
import { tablePanel } from '../../view/table-panel.ts'
import type { MachineLine, MachineModel } from './model.ts'

const COLUMNS: readonly Column<MachineLine>[] = [
  { head: ' ', of: (one) => machineSign(one.stale && one.status === 'online' ? 'degraded' : one.status), keep: 1000 },
  { head: 'MACHINE', of: (one) => span(one.id, 'strong'), least: 7, most: 16, keep: 1000 },
  { head: 'AGENTS', of: (one) => constellation(one.agents, 9).map((part) => aged(part, one.stale)), least: 6, keep: 80 },
  { head: 'AGE', align: 'right', of: (one) => (one.stale ? ageSpan(one.age_s, 0) : span('')), least: 5, keep: 70 },
] // biome-ignore format: a table

/** All machines beside the one that is shown. */
export const machineList = (model: MachineModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'machines',
    title: 'Machines',
    at,
    answer: view.answers.machines,
    rows: model.machines,
    idOf: (one) => one.id,
    columns: COLUMNS,
    all: model.allMachines,
    what: 'machines',
    empty: { why: 'No machine is configured.', fill: 'vc machines add <id> <ssh target>' },
    note: [],
  })
